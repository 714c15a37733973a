"use client";
import { useMemo } from "react";
import { Bar, BarChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { COVERAGE_LOOK } from "@/components/ui/state-badge";
import type { CoverageState } from "@/lib/coverage/facts.pure";
import { STATES, type SubscriptionCounts } from "@/lib/coverage/select.pure";
import s from "./coverage-chart.module.css";

const ROW_PX = 30;
// Green grows from the left, so that the eye compares it from one line.
const STACK = STATES.toReversed();
const NAME_PX = 168;
const NAME_CHARACTERS_MAX = 24;

const FILL: Record<CoverageState, string> = {
  protected: "var(--colorStatusSuccessForeground3)",
  unprotected: "var(--colorStatusDangerForeground3)",
  waiting: "var(--colorCompoundBrandStroke)",
  unknown: "var(--colorNeutralStrokeAccessible)",
};

const TOOLTIP = {
  padding: "6px 10px",
  border: "1px solid var(--colorNeutralStroke1)",
  borderRadius: "var(--borderRadiusMedium)",
  background: "var(--colorNeutralBackground1)",
  boxShadow: "var(--shadow8)",
  fontSize: "var(--fontSizeBase200)",
};

const shortened = (name: string): string =>
  name.length > NAME_CHARACTERS_MAX ? `${name.slice(0, NAME_CHARACTERS_MAX - 1)}…` : name;

/** One bar per subscription, parts by state. For the eye only: CoverageTable says the same in words. */
export function CoverageChart({ bars }: { bars: SubscriptionCounts[] }) {
  const data = useMemo(() => bars.map((bar) => ({ ...bar })), [bars]);
  const height = bars.length * ROW_PX + 8;
  return (
    <div className={s.chart} aria-hidden>
      <ResponsiveContainer width="100%" height={height} initialDimension={{ width: 640, height }}>
        <BarChart
          data={data}
          layout="vertical"
          barSize={14}
          margin={{ top: 0, right: 8, bottom: 0, left: 0 }}
          accessibilityLayer={false}
        >
          <XAxis type="number" hide domain={[0, "dataMax"]} />
          <YAxis
            type="category"
            dataKey="subscription"
            width={NAME_PX}
            tickFormatter={shortened}
            tickLine={false}
            axisLine={false}
            interval={0}
            tick={{ fill: "var(--colorNeutralForeground2)", fontSize: 12 }}
          />
          <Tooltip cursor={false} isAnimationActive={false} contentStyle={TOOLTIP} />
          {STACK.map((state) => (
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
