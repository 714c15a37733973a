"use client";
import { Button } from "@fluentui/react-components";
import type { MouseEvent } from "react";
import { DrillOffer } from "@/components/drills/drill-offer";
import type { StartDrills } from "@/components/drills/use-drills";
import type { PlanOpener } from "@/components/plan/use-plan-dialog";
import { formatNumber, plural } from "@/components/ui/plural";
import type { BoardRow } from "@/lib/coverage/board.pure";
import type { BoardQuery } from "@/lib/coverage/select.pure";
import type { PlannedOperation } from "@/lib/deployments/views.pure";
import { useSelection } from "./select-box";
import { notAmong, type SelectionState, sameFilter, type VaultSelection } from "./selection";
import s from "./selection-bar.module.css";

interface SelectionBarProps extends PlanOpener {
  selection: VaultSelection;
  /** What the board shows now, and by which filter. */
  rows: readonly BoardRow[];
  query: BoardQuery;
  /** Planting, replacing and removing is this person's work. */
  mayPlan: boolean;
  startDrills: StartDrills;
}

/** How many vaults are selected and what can be done with them; nothing while none is. */
export function SelectionBar(props: SelectionBarProps) {
  const { selection, rows, query, mayPlan, startDrills, onNear, onAsk } = props;
  const state = useSelection(selection);
  const { ids, problem } = state;
  const count = ids.size;
  if (count === 0 && problem === null) return null;
  return (
    <section className={s.bar} aria-label="Selection">
      <div className={s.words} role="status">
        <span className={s.count}>{plural(count, "vault")} selected</span>
        {notesOn(state, rows, query).map((note) => (
          <span key={note} className={s.note}>
            {note}
          </span>
        ))}
        {problem !== null && <span className={s.problem}>{problem}</span>}
      </div>
      <div className={s.buttons}>
        {mayPlan && <PlanButtons selection={selection} vaults={count} onNear={onNear} onAsk={onAsk} />}
        <DrillOffer start={startDrills} selection={() => selection.toInput()} vaults={count} />
        <Button appearance="subtle" onClick={selection.clear}>
          Clear
        </Button>
      </div>
    </section>
  );
}

/** What can be planned for the selected vaults. */
function PlanButtons({ selection, vaults, onNear, onAsk }: PlanOpener & { selection: VaultSelection; vaults: number }) {
  const offer = (operation: PlannedOperation) => ({
    disabled: vaults === 0,
    onPointerEnter: onNear,
    onFocus: onNear,
    onClick: (event: MouseEvent<HTMLElement>) => onAsk({ operation, selection: selection.toInput(), vaults }, event),
  });
  return (
    <>
      <Button appearance="primary" {...offer("plant")}>
        Plan honeytokens for {plural(vaults, "vault")}
      </Button>
      <Button {...offer("retire")}>Plan removal…</Button>
      <Button {...offer("replace")}>Plan replacement…</Button>
    </>
  );
}

/** Where the selection comes from, and how much of it is out of sight: what is planned is planned for that too. */
function notesOn(state: SelectionState, rows: readonly BoardRow[], query: BoardQuery): string[] {
  const { filter, ids } = state;
  if (filter && sameFilter(filter, query)) return ["All that the filter shows"];
  const hidden = notAmong(rows, state);
  // With nothing out of sight it may be a part of this list, such as a subscription, for which nobody has set a filter.
  const from = filter ? [`All that ${hidden > 0 ? "another" : "a"} filter shows`] : [];
  return hidden > 0 ? [...from, hiddenWords(hidden, ids.size)] : from;
}

function hiddenWords(hidden: number, of: number): string {
  if (hidden < of) return `${formatNumber(hidden)} of them ${hidden === 1 ? "is" : "are"} not in the list now`;
  return of === 1 ? "It is not in the list now" : "None of them is in the list now";
}
