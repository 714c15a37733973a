"use client";
import { CartesianGrid, Legend, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import s from "./time-chart.module.css";

export interface TimeSeries {
  /** Field of the points that it draws. */
  key: string;
  name: string;
  colour: string;
  dashed?: boolean;
}

export interface TimePoint {
  day: string;
  [key: string]: string | number | null;
}

interface TimeChartProps {
  points: readonly TimePoint[];
  series: readonly TimeSeries[];
  /** How a value is written. */
  format(value: number): string;
}

const HEIGHT = 240;
const TOOLTIP = {
  padding: "6px 10px",
  border: "1px solid var(--colorNeutralStroke1)",
  borderRadius: "var(--borderRadiusMedium)",
  background: "var(--colorNeutralBackground1)",
  boxShadow: "var(--shadow8)",
  fontSize: "var(--fontSizeBase200)",
};

/** Values by day as lines. For the eye only: a table beside it says the same in words. */
export function TimeChart({ points, series, format }: TimeChartProps) {
  const text = (value: unknown) => (typeof value === "number" ? format(value) : "unknown");
  return (
    <div className={s.chart} aria-hidden>
      <ResponsiveContainer width="100%" height={HEIGHT} initialDimension={{ width: 640, height: HEIGHT }}>
        <LineChart data={[...points]} margin={{ top: 8, right: 16, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid vertical={false} stroke="var(--colorNeutralStroke2)" />
          <XAxis dataKey="day" tickLine={false} minTickGap={24} tick={{ className: s.tick ?? "" }} />
          <YAxis width={72} tickLine={false} axisLine={false} tickFormatter={text} tick={{ className: s.tick ?? "" }} />
          <Tooltip isAnimationActive={false} contentStyle={TOOLTIP} formatter={text} />
          <Legend wrapperStyle={{ fontSize: "var(--fontSizeBase200)" }} />
          {series.map(({ key, name, colour, dashed = false }) => (
            <Line
              key={key}
              dataKey={key}
              name={name}
              stroke={colour}
              strokeWidth={2}
              dot={{ r: 2 }}
              isAnimationActive={false}
              {...(dashed && { strokeDasharray: "5 4" })}
            />
          ))}
        </LineChart>
      </ResponsiveContainer>
    </div>
  );
}
