"use client";
import { useId } from "react";
import {
  Bar,
  BarChart,
  CartesianGrid,
  LabelList,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
  type YAxisTickContentProps,
} from "recharts";
import { middleCut } from "@/components/ui/middle-cut";
import type { RankBar, TimeBar } from "@/lib/incidents/charts.pure";
import { SEVERITIES, type Severity } from "@/lib/incidents/list.pure";
import { visibleText } from "@/lib/outside-text.pure";
import { TOOLTIP } from "./chart-style";
import s from "./coverage-chart.module.css";

const HEIGHT_PX = 130;
/** The table behind has more. */
const RANKS_MAX = 7;
/** The longest name that a vault can have; what is longer is cut. */
const CHARACTERS = 24;
const LABEL_PX = 172;
const MARGIN = { top: 4, right: 4, bottom: 0, left: 0 };
const AXIS = { fill: "var(--colorNeutralForeground2)", fontSize: 12 };

/** Touches of each severity, stacked, a bar an hour or a day. For the eye only: a table says the same. */
export function TimeChart({ bars }: { bars: (TimeBar & { label: string })[] }) {
  const id = useId();
  return (
    <div className={s.chart}>
      <Patterns id={id} />
      <ResponsiveContainer width="100%" height={HEIGHT_PX} initialDimension={{ width: 640, height: HEIGHT_PX }}>
        <BarChart data={bars} margin={MARGIN} accessibilityLayer={false}>
          <CartesianGrid vertical={false} stroke="var(--colorNeutralStroke2)" />
          <XAxis dataKey="label" tickLine={false} tick={AXIS} stroke="var(--colorNeutralStroke1)" minTickGap={24} />
          <YAxis allowDecimals={false} width={36} tickLine={false} axisLine={false} tick={AXIS} />
          <Tooltip cursor={false} isAnimationActive={false} contentStyle={TOOLTIP} />
          {/* The gravest stands on the axis, where bars are compared best. */}
          {SEVERITIES.map((severity) => (
            <Bar
              key={severity}
              dataKey={severity}
              stackId="severities"
              fill={`url(#${id}${severity})`}
              stroke={COLOUR[severity]}
              isAnimationActive={false}
            />
          ))}
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}

const COLOUR: Record<Severity, string> = {
  High: "var(--chartHigh)",
  Medium: "var(--chartMedium)",
  Low: "var(--chartLow)",
  Informational: "var(--chartInformational)",
};

/** Severities differ by pattern too: full, stripes, dots, empty. */
function Patterns({ id }: { id: string }) {
  return (
    <svg width={0} height={0} className={s.patterns} aria-hidden>
      <defs>
        <pattern id={`${id}High`} width={4} height={4} patternUnits="userSpaceOnUse">
          <rect width={4} height={4} fill={COLOUR.High} />
        </pattern>
        <pattern id={`${id}Medium`} width={4} height={4} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width={2} height={4} fill={COLOUR.Medium} />
        </pattern>
        <pattern id={`${id}Low`} width={4} height={4} patternUnits="userSpaceOnUse">
          <circle cx={2} cy={2} r={1.4} fill={COLOUR.Low} />
        </pattern>
        <pattern id={`${id}Informational`} width={4} height={4} patternUnits="userSpaceOnUse">
          <rect width={4} height={4} fill="var(--colorNeutralBackground1)" />
        </pattern>
      </defs>
    </svg>
  );
}

/** The most frequent, each with its number. For the eye only: a table says the same. */
export function RankChart({ bars }: { bars: RankBar[] }) {
  const data = bars
    .slice(0, RANKS_MAX)
    .map(({ label, count }) => ({ count, label: middleCut(visibleText(label), CHARACTERS) }));
  return (
    <div className={s.chart}>
      <ResponsiveContainer
        width="100%"
        height={HEIGHT_PX + 24}
        initialDimension={{ width: 400, height: HEIGHT_PX + 24 }}
      >
        <BarChart
          data={data}
          layout="vertical"
          barSize={10}
          margin={{ ...MARGIN, right: 44 }}
          accessibilityLayer={false}
        >
          <XAxis type="number" hide domain={[0, "dataMax"]} />
          <YAxis
            type="category"
            dataKey="label"
            width={LABEL_PX}
            tickLine={false}
            axisLine={false}
            interval={0}
            tick={Label}
          />
          <Bar dataKey="count" fill="var(--chartLow)" isAnimationActive={false}>
            <LabelList dataKey="count" position="right" fill="var(--colorNeutralForeground1)" fontSize={12} />
          </Bar>
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}

/** One line, whatever its length: the library would break it in two. */
function Label({ x, y, payload }: YAxisTickContentProps) {
  return (
    <text x={x} y={y} dy={4} textAnchor="end" direction="ltr" unicodeBidi="plaintext" className={s.name}>
      {payload.value}
    </text>
  );
}
