"use client";
import { useMemo } from "react";
import { Bar, BarChart, ResponsiveContainer, Tooltip, XAxis, YAxis, type YAxisTickContentProps } from "recharts";
import { COVERAGE_LOOK } from "@/components/ui/state-badge";
import { useNarrow } from "@/components/ui/use-narrow";
import type { CoverageState } from "@/lib/coverage/facts.pure";
import type { SubscriptionCounts } from "@/lib/coverage/select.pure";
import { CHART_STATES, chartHeight, spokenOf } from "./chart-bars";
import { TOOLTIP } from "./chart-style";
import s from "./coverage-chart.module.css";

const WIDE = { axisPx: 216, characters: 26 };
const NARROW = { axisPx: 150, characters: 13 };

const FILL: Record<CoverageState, string> = {
  protected: "var(--chartProtected)",
  unprotected: "var(--chartUnprotected)",
  waiting: "var(--chartWaiting)",
  unknown: "var(--chartUnknown)",
  exempt: "var(--chartExempt)",
};

/** One bar per subscription, each its share in each state. For the eye only: CoverageTable says the same in words. */
export function CoverageChart({ bars }: { bars: SubscriptionCounts[] }) {
  const size = useNarrow() ? NARROW : WIDE;
  const data = useMemo(
    () => bars.map((bar) => ({ ...bar, label: `${shortened(bar.subscription, size.characters)} (${bar.total})` })),
    [bars, size],
  );
  const height = chartHeight(bars.length);
  return (
    <div className={s.chart} aria-hidden>
      <ResponsiveContainer width="100%" height={height} initialDimension={{ width: 640, height }}>
        <BarChart
          data={data}
          layout="vertical"
          stackOffset="expand"
          barSize={12}
          margin={{ top: 0, right: 0, bottom: 0, left: 0 }}
          accessibilityLayer={false}
        >
          <XAxis type="number" hide domain={[0, 1]} />
          <YAxis
            type="category"
            dataKey="label"
            width={size.axisPx}
            tickLine={false}
            axisLine={false}
            interval={0}
            tick={SubscriptionName}
          />
          <Tooltip cursor={false} isAnimationActive={false} contentStyle={TOOLTIP} />
          {spokenOf(CHART_STATES, bars).map((state) => (
            <Bar
              key={state}
              dataKey={state}
              name={COVERAGE_LOOK[state].word}
              stackId="states"
              fill={FILL[state]}
              isAnimationActive={false}
            />
          ))}
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}

/** One line, whatever its length: the library would break it in two. */
function SubscriptionName({ x, y, payload }: YAxisTickContentProps) {
  return (
    <text x={x} y={y} dy={4} textAnchor="end" className={s.name}>
      {payload.value}
    </text>
  );
}

function shortened(name: string, characters: number): string {
  return name.length > characters ? `${name.slice(0, characters - 1)}…` : name;
}
