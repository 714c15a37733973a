"use client";
import dynamic from "next/dynamic";
import { useMemo } from "react";
import { durationWords } from "@/components/drills/drill-words";
import table from "@/components/ui/list-table.module.css";
import { Card } from "@/components/ui/page";
import { formatNumber } from "@/components/ui/plural";
import type { OutcomeDay } from "@/lib/outcomes/outcomes.pure";
import s from "./outcomes.module.css";

const TimeChart = dynamic(() => import("@/components/charts/time-chart").then((file) => file.TimeChart), {
  ssr: false,
});

const SHARES = [
  { key: "proven", name: "Proven, per cent", colour: "var(--colorPaletteBlueForeground2)" },
  {
    key: "benign",
    name: "Benign touches per 100 decoy-days",
    colour: "var(--colorPaletteMarigoldForeground2)",
    dashed: true,
  },
];
const TIMES = [
  { key: "p50", name: "Time to alert, median", colour: "var(--colorPaletteBlueForeground2)" },
  {
    key: "p95",
    name: "Time to alert, 95th percentile",
    colour: "var(--colorPaletteBerryForeground2)",
    dashed: true,
  },
];

const words = (value: number | null) => (value === null ? "unknown" : formatNumber(value));
const time = (value: number | null) => (value === null ? "unknown" : durationWords(value));

/** The figures by day: two charts, and the same as a table. */
export function Trend({ days }: { days: readonly OutcomeDay[] }) {
  const points = useMemo(
    () =>
      days.map(({ day, figures: { proven, benign, timeToAlert } }) => ({
        day,
        proven: proven.percent,
        benign: benign.per100DecoyDays,
        p50: timeToAlert.p50,
        p95: timeToAlert.p95,
      })),
    [days],
  );
  return (
    <Card title="By day">
      <div className={s.charts}>
        <TimeChart points={points} series={SHARES} format={formatNumber} />
        <TimeChart points={points} series={TIMES} format={durationWords} />
      </div>
      <table className={table.table} aria-label="Figures by day">
        <thead>
          <tr>
            <th scope="col">Day (UTC)</th>
            <th scope="col">Proven</th>
            <th scope="col">Time to alert, median</th>
            <th scope="col">Benign touches per 100 decoy-days</th>
            <th scope="col">Honeytokens burnt</th>
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map(({ day, figures: { proven, benign, timeToAlert, burnt, problems } }) => (
            <tr key={day}>
              <th scope="row">{day}</th>
              <td data-label="Proven">
                {proven.percent === null ? "unknown" : `${formatNumber(proven.percent)} %`}
                <span className={s.of}>
                  {" "}
                  {formatNumber(proven.provenVaults)} of {formatNumber(proven.protectedVaults)}
                </span>
              </td>
              <td data-label="Time to alert, median">
                {time(timeToAlert.p50)}
                <span className={s.of}> 95th percentile: {time(timeToAlert.p95)}</span>
              </td>
              <td data-label="Benign touches per 100 decoy-days">{words(benign.per100DecoyDays)}</td>
              <td data-label="Honeytokens burnt" {...(problems.length > 0 && { title: problems.join(" ") })}>
                {words(burnt.decoys)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
