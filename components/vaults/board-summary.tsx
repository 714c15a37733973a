"use client";
import dynamic from "next/dynamic";
import { memo, useMemo } from "react";
import { CHART_STATES, chartBars, chartHeight, MANY_BARS, spokenOf } from "@/components/charts/chart-bars";
import { Card } from "@/components/ui/page";
import { COVERAGE_LOOK } from "@/components/ui/state-badge";
import type { BoardRow } from "@/lib/coverage/board.pure";
import { countStates, type State, type SubscriptionCounts } from "@/lib/coverage/select.pure";
import s from "./board-summary.module.css";
import { Figures } from "./figures";

const CoverageChart = dynamic(() => import("@/components/charts/coverage-chart").then((file) => file.CoverageChart), {
  ssr: false,
});

/** The chart in numbers, for those who do not see it; it arrives with the chart. */
const CoverageTable = dynamic(() => import("@/components/charts/coverage-table").then((file) => file.CoverageTable), {
  ssr: false,
});

interface BoardSummaryProps {
  vaults: readonly BoardRow[];
  subscriptions: readonly SubscriptionCounts[];
  chosen: readonly State[];
  onChoose: (states: State[]) => void;
}

/** How the fleet stands: figures that filter, and a bar per subscription. */
export const BoardSummary = memo(function BoardSummary(props: BoardSummaryProps) {
  const { vaults, subscriptions, chosen, onChoose } = props;
  const counts = useMemo(() => countStates(vaults), [vaults]);
  const bars = useMemo(() => chartBars(subscriptions), [subscriptions]);
  return (
    <div className={s.summary} data-many={bars.length >= MANY_BARS}>
      <Figures counts={counts} total={vaults.length} chosen={chosen} onChoose={onChoose} />
      <Card title="Coverage by subscription">
        <ul className={s.legend} aria-hidden>
          {spokenOf(CHART_STATES, bars).map((state) => (
            <li key={state} data-state={state}>
              {COVERAGE_LOOK[state].word}
            </li>
          ))}
        </ul>
        {/* The room that the chart will take, so that nothing moves when its code has arrived. */}
        <div className={s.chart} style={{ minHeight: chartHeight(bars.length) }}>
          <CoverageChart bars={bars} />
        </div>
        <CoverageTable bars={bars} />
      </Card>
    </div>
  );
});
