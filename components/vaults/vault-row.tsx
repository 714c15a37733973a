// biome-ignore-all lint/a11y/useSemanticElements: rows that are placed one by one cannot be a <table>; these roles say the same.
// biome-ignore-all lint/a11y/useFocusableInteractive: only the links and buttons inside are controls; this is a table, not a grid.
import Link from "next/link";
import { memo } from "react";
import { ageOf, bothTimes } from "@/components/ui/age";
import { CoverageBadge } from "@/components/ui/state-badge";
import { parseVaultId, vaultPath } from "@/lib/azure/resource-id.pure";
import type { BoardRow } from "@/lib/coverage/board.pure";
import { reasonLabel } from "@/lib/coverage/reason-labels.pure";
import { SelectBox } from "./select-box";
import type { VaultSelection } from "./selection";
import s from "./vault-list.module.css";

export interface VaultRowProps {
  row: BoardRow;
  /** aria-rowindex, from 1; the head is row 1. */
  index: number;
  /** Distance from the top of the list, pixels. */
  top: number;
  /** Milliseconds since 1970. */
  now: number;
  /** The subscription stands in the row when no heading says it. */
  showSubscription: boolean;
  /** Worth saying only while there are also vaults that are not. */
  showMine: boolean;
  /** The same object for good: what changes in it is asked for by the tick box alone. */
  selection: VaultSelection;
}

/** Whether words stand beside its name: its card is then a line higher. */
export function hasTags({ mine, flagged }: BoardRow, showMine: boolean): boolean {
  return (showMine && mine) || flagged;
}

/** One vault. Memoised: a poll or a scroll draws only what changed. */
export const VaultRow = memo(function VaultRow(props: VaultRowProps) {
  const { row, index, top, now, showSubscription, showMine, selection } = props;
  const place = showSubscription ? `${row.subscription} / ${row.resourceGroup}` : row.resourceGroup;
  const id = parseVaultId(row.id);
  return (
    <div
      role="row"
      aria-rowindex={index}
      className={s.row}
      data-state={row.state}
      data-tagged={hasTags(row, showMine)}
      data-vault={row.id}
      style={{ transform: `translateY(${top}px)` }}
    >
      <div role="cell" className={s.select}>
        <SelectBox id={row.id} name={row.name} selection={selection} />
      </div>
      <div role="cell" className={s.name}>
        {/* Fetched when followed: thousands of rows would otherwise each ask the server while scrolling. */}
        <Link href={id ? vaultPath(id) : "/vaults"} prefetch={false} className={s.link}>
          {row.name}
        </Link>
        {showMine && row.mine && (
          <span className={s.mine} title="You hold a role that may plant here">
            Mine
          </span>
        )}
        {row.flagged && (
          <span className={s.mine} title="Its owner is asked for a review">
            Flagged
          </span>
        )}
      </div>
      <div role="cell" className={s.state}>
        <CoverageBadge state={row.state} />
      </div>
      <div role="cell" className={s.reason}>
        <span className={s.reasonText}>{reasonLabel(row.reason)}</span>
        {row.deploying && (
          <span className={s.mine} title="A deployment is under way for this vault; its page shows how far">
            Deploying
          </span>
        )}
      </div>
      <div role="cell" className={s.decoys}>
        {row.decoys}
      </div>
      <div role="cell" className={s.place} title={place}>
        {place}
      </div>
      <div role="cell" className={s.location}>
        {row.location}
      </div>
      <div role="cell" className={s.checked}>
        {row.checkedAt === null ? (
          "never"
        ) : (
          <time dateTime={row.checkedAt} title={bothTimes(row.checkedAt)}>
            {ageOf(row.checkedAt, now)}
          </time>
        )}
      </div>
    </div>
  );
});
