"use client";
import dynamic from "next/dynamic";
import { useMemo } from "react";
import type { TimePoint, TimeSeries } from "@/components/charts/time-chart";
import table from "@/components/ui/list-table.module.css";
import { Card, Hidden } from "@/components/ui/page";
import { STAGE_TITLES } from "@/lib/drills/drill-words.pure";
import type { FleetDrills, StageTimes } from "@/lib/drills/drills.pure";
import { durationWords } from "./drill-words";
import s from "./drills.module.css";

const TimeChart = dynamic(() => import("@/components/charts/time-chart").then((file) => file.TimeChart), {
  ssr: false,
});

const COLOURS = {
  row: "var(--colorPaletteBlueForeground2)",
  alert: "var(--colorPaletteMarigoldForeground2)",
  incident: "var(--colorPaletteBerryForeground2)",
} as const;
const STAGES = ["row", "alert", "incident"] as const;

const SERIES: TimeSeries[] = STAGES.flatMap((stage) => [
  { key: `${stage}50`, name: `${STAGE_TITLES[stage]}, median`, colour: COLOURS[stage] },
  { key: `${stage}95`, name: `${STAGE_TITLES[stage]}, 95th percentile`, colour: COLOURS[stage], dashed: true },
]);

const words = (value: number | null): string => (value === null ? "unknown" : durationWords(value));

/** How long after the touch each stage came, over the last 30 days and by day. */
export function StageTimesCard({ times, days }: Pick<FleetDrills, "times" | "days">) {
  const points = useMemo(() => days.map(({ day, times: ofDay }) => pointOf(day, ofDay)), [days]);
  return (
    <Card title="Time from the touch">
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Stage</th>
            <th scope="col">Median</th>
            <th scope="col">95th percentile</th>
            <th scope="col">Drills counted</th>
          </tr>
        </thead>
        <tbody>
          {times.map(({ stage, count, p50, p95 }) => (
            <tr key={stage}>
              <th scope="row">{STAGE_TITLES[stage]}</th>
              <td data-label="Median">{words(p50)}</td>
              <td data-label="95th percentile">{words(p95)}</td>
              <td data-label="Drills counted">{count}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {points.length > 0 && (
        <div className={s.chart}>
          <TimeChart points={points} series={SERIES} format={durationWords} />
        </div>
      )}
      <Hidden>
        <table>
          <caption>Time from the touch by day</caption>
          <thead>
            <tr>
              <th scope="col">Day</th>
              {SERIES.map(({ key, name }) => (
                <th key={key} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days.map(({ day, times: ofDay }) => (
              <tr key={day}>
                <th scope="row">{day}</th>
                {ofDay.flatMap(({ stage, p50, p95 }) => [
                  <td key={`${stage}50`}>{words(p50)}</td>,
                  <td key={`${stage}95`}>{words(p95)}</td>,
                ])}
              </tr>
            ))}
          </tbody>
        </table>
      </Hidden>
      <p className={s.none}>
        Counted over the drills of the last 30 days that reached the stage, by the service&apos;s own clock.
      </p>
    </Card>
  );
}

function pointOf(day: string, times: readonly StageTimes[]): TimePoint {
  return {
    day,
    ...Object.fromEntries(
      times.flatMap(({ stage, p50, p95 }) => [
        [`${stage}50`, p50],
        [`${stage}95`, p95],
      ]),
    ),
  };
}
