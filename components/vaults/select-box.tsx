"use client";
import { memo, useMemo, useSyncExternalStore } from "react";
import type { BoardRow } from "@/lib/coverage/board.pure";
import type { BoardQuery } from "@/lib/coverage/select.pure";
import s from "./select-box.module.css";
import { chosenAmong, type SelectionState, type VaultSelection } from "./selection";

/** The selection as it is now. */
export function useSelection(selection: VaultSelection): SelectionState {
  return useSyncExternalStore(selection.subscribe, selection.read, selection.read);
}

/** The tick box of one vault. Not a tab stop of its own: Space on the row's link does the same. */
export const SelectBox = memo(function SelectBox(props: { id: string; name: string; selection: VaultSelection }) {
  const { id, name, selection } = props;
  const has = () => selection.has(id);
  const chosen = useSyncExternalStore(selection.subscribe, has, has);
  return (
    <label className={s.pick}>
      <input
        type="checkbox"
        tabIndex={-1}
        aria-label={`Select ${name}`}
        checked={chosen}
        onChange={() => selection.toggle(id)}
      />
    </label>
  );
});

interface SelectAllBoxProps {
  label: string;
  /** The words stand beside the box where there is room for nothing else. */
  words?: string;
  rows: readonly BoardRow[];
  /** What shows exactly `rows`. */
  filter: BoardQuery;
  /** Chosen singly while they are few, so that other groups can be added. */
  oneByOne?: boolean;
  selection: VaultSelection;
}

/** The tick box of many vaults; half ticked when some of them are chosen. */
export function SelectAllBox({ label, words, rows, filter, oneByOne = false, selection }: SelectAllBoxProps) {
  const state = useSelection(selection);
  const chosen = useMemo(() => chosenAmong(rows, state), [rows, state]);
  return (
    <label className={s.pick}>
      <input
        type="checkbox"
        aria-label={label}
        checked={chosen === "all"}
        ref={(box) => {
          if (box) box.indeterminate = chosen === "some";
        }}
        onChange={() => (chosen === "all" ? selection.leaveOut(rows) : selection.chooseAll(rows, filter, oneByOne))}
      />
      {words && (
        <span className={s.words} aria-hidden>
          {words}
        </span>
      )}
    </label>
  );
}
