"use client";
import dynamic from "next/dynamic";
import { memo, useDeferredValue, useMemo } from "react";
import { OutsideText } from "@/components/ui/outside-text";
import { plural } from "@/components/ui/plural";
import { type ChartFigures, chartFigures, type Ranking, type TimeBar } from "@/lib/incidents/charts.pure";
import { type Range, SEVERITIES } from "@/lib/incidents/list.pure";
import type { Touch } from "@/lib/incidents/select.pure";
import { ChartCard } from "./chart-card";
import s from "./incident-charts.module.css";
import { SEVERITY_LOOK } from "./incident-words";

const TimeChart = dynamic(() => import("@/components/charts/touch-charts").then((file) => file.TimeChart), {
  ssr: false,
});
const RankChart = dynamic(() => import("@/components/charts/touch-charts").then((file) => file.RankChart), {
  ssr: false,
});

interface IncidentChartsProps {
  touches: readonly Touch[];
  range: Range;
  /** ISO; the right end of the time axis. */
  readAt: string;
}

const NONE = "None in this time";
const HOUR_MS = 60 * 60 * 1000;

/** What the touches look like together. The charts follow the filters, not the search. */
export const IncidentCharts = memo(function IncidentCharts({ touches, range, readAt }: IncidentChartsProps) {
  // A chart costs far more than a row; it may come a moment after the list.
  const shown = useDeferredValue(touches);
  // The axis moves on by the hour, not with every poll.
  const now = Math.floor(Date.parse(readAt) / HOUR_MS) * HOUR_MS + HOUR_MS - 1;
  const figures = useMemo(() => chartFigures(shown, range, now), [shown, range, now]);
  // Alerts about something else than a touch, such as a silent vault, draw nothing.
  if (isEmpty(figures)) return null;
  return (
    <section aria-label="Charts" className={s.charts}>
      <TimeCard {...figures.overTime} />
      <RankCard title="Alerts by operation" head="Operation" unit="alert" ranking={figures.operations} />
      <RankCard title="Callers with the most touches" head="Caller" unit="touch" ranking={figures.callers} />
      <RankCard title="Vaults with the most touches" head="Vault" unit="touch" ranking={figures.vaults} />
    </section>
  );
});

const isEmpty = ({ overTime, operations, callers, vaults }: ChartFigures): boolean =>
  [operations, callers, vaults].every(({ bars }) => bars.length === 0) &&
  overTime.bars.every((bar) => sumOf(bar) === 0);

const DAY = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
const HOUR = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

const sumOf = (bar: TimeBar): number => SEVERITIES.reduce((sum, severity) => sum + bar[severity], 0);

const TimeCard = memo(function TimeCard({ bars, unit }: { bars: TimeBar[]; unit: "hour" | "day" }) {
  const format = unit === "hour" ? HOUR : DAY;
  const labelled = useMemo(() => bars.map((bar) => ({ ...bar, label: format.format(bar.start) })), [bars, format]);
  const total = bars.reduce((sum, bar) => sum + sumOf(bar), 0);
  return (
    <ChartCard
      title="Touches over time"
      summary={total === 0 ? NONE : `${touchWords(total)} by ${unit}`}
      chart={total === 0 ? null : <TimeChart bars={labelled} />}
      legend={SEVERITIES.map((severity) => ({ id: severity, word: SEVERITY_LOOK[severity].word }))}
      table={
        <table aria-label="Touches over time, in numbers">
          <thead>
            <tr>
              <th scope="col">{unit === "hour" ? "Hour" : "Day"}</th>
              {SEVERITIES.map((severity) => (
                <th key={severity} scope="col">
                  {SEVERITY_LOOK[severity].word}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {labelled.filter(sumOf).map((bar) => (
              <tr key={bar.start}>
                <th scope="row">{bar.label}</th>
                {SEVERITIES.map((severity) => (
                  <td key={severity}>{bar[severity]}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      }
    />
  );
});

interface RankCardProps {
  title: string;
  /** What a bar stands for. */
  head: string;
  unit: "touch" | "alert";
  ranking: Ranking;
}

const RankCard = memo(function RankCard({ title, head, unit, ranking }: RankCardProps) {
  const { bars, others, rest } = ranking;
  return (
    <ChartCard
      title={title}
      summary={
        unit === "alert" && bars.length > 0 ? "An alert counts for each operation that it names" : rankWords(ranking)
      }
      chart={bars.length === 0 ? null : <RankChart bars={bars} />}
      table={
        <table aria-label={`${title}, in numbers`}>
          <thead>
            <tr>
              <th scope="col">{head}</th>
              <th scope="col">{unit === "touch" ? "Touches" : "Alerts"}</th>
            </tr>
          </thead>
          <tbody>
            {bars.map(({ label, count }) => (
              <tr key={label}>
                <th scope="row">
                  <OutsideText>{label}</OutsideText>
                </th>
                <td>{count}</td>
              </tr>
            ))}
            {others > 0 && (
              <tr>
                <th scope="row">{plural(others, "other")}</th>
                <td>{rest}</td>
              </tr>
            )}
          </tbody>
        </table>
      }
    />
  );
});

function rankWords({ bars, others, rest }: Ranking): string {
  if (bars.length === 0) return NONE;
  if (others > 0) return `${plural(others, "other")} together: ${touchWords(rest)}`;
  return `${touchWords(bars.reduce((sum, { count }) => sum + count, 0))} in all`;
}

function touchWords(count: number): string {
  return count === 1 ? "1 touch" : `${count.toLocaleString()} touches`;
}
