"use client";
import { memo } from "react";
import { COVERAGE_LOOK } from "@/components/ui/state-badge";
import type { State, StateCounts } from "@/lib/coverage/select.pure";
import s from "./figures.module.css";

const ORDER = ["protected", "unprotected", "waiting", "unknown", "exempt"] as const satisfies readonly State[];
/** Most fleets have no exempt vault, and then there is nothing to say about it. */
const ONLY_WHERE_SOME: readonly State[] = ["exempt"];
const NUMBER = new Intl.NumberFormat();

interface FiguresProps {
  counts: StateCounts;
  total: number;
  chosen: readonly State[];
  onChoose: (states: State[]) => void;
}

/** How many vaults are in which state; each figure is also the filter for its state. */
export const Figures = memo(function Figures({ counts, total, chosen, onChoose }: FiguresProps) {
  const toggle = (state: State) =>
    onChoose(chosen.includes(state) ? chosen.filter((one) => one !== state) : [...chosen, state]);
  const shown = ORDER.filter(
    (state) => !ONLY_WHERE_SOME.includes(state) || counts[state] > 0 || chosen.includes(state),
  );
  return (
    <fieldset className={s.figures} data-figures={shown.length} aria-label="Show only vaults in a state">
      {shown.map((state) => {
        const { word, tone, icon: Icon } = COVERAGE_LOOK[state];
        return (
          <button
            key={state}
            type="button"
            className={s.figure}
            data-tone={tone}
            aria-pressed={chosen.includes(state)}
            onClick={() => toggle(state)}
          >
            <span className={s.word}>
              <Icon aria-hidden />
              {word}
            </span>
            <span className={s.number}>{NUMBER.format(counts[state])}</span>
            <span className={s.share}>{share(counts[state], total)}</span>
          </button>
        );
      })}
    </fieldset>
  );
});

function share(count: number, total: number): string {
  if (total === 0) return "of none";
  const percent = (100 * count) / total;
  if (percent > 0 && percent < 1) return "under 1 %";
  // Everything may only be said when it is everything.
  return `${percent < 100 ? Math.min(99, Math.round(percent)) : 100} %`;
}
