// biome-ignore-all lint/a11y/useSemanticElements: rows that are placed one by one cannot be a <table>; these roles say the same.
// biome-ignore-all lint/a11y/useFocusableInteractive: only the links and buttons inside are controls; this is a table, not a grid.
"use client";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, memo, useCallback, useEffect, useId, useRef } from "react";
import { useNow } from "@/components/ui/age";
import { Hidden } from "@/components/ui/page";
import { useFocusedRow } from "@/components/ui/use-focused-row";
import { useNarrow } from "@/components/ui/use-narrow";
import { useOffsetTop } from "@/components/ui/use-offset-top";
import type { BoardRow } from "@/lib/coverage/board.pure";
import type { BoardQuery, Sort } from "@/lib/coverage/select.pure";
import { GroupRow } from "./group-row";
import type { ListItem } from "./list-items";
import { SelectAllBox } from "./select-box";
import type { VaultSelection } from "./selection";
import s from "./vault-list.module.css";
import { hasTags, VaultRow } from "./vault-row";

const ROW_PX = 40;
/** As the stylesheet has them. */
const CARD_PX = { plain: 68, tagged: 92 };
const GROUP_PX = 40;
const OVERSCAN = 12;

interface VaultListProps {
  items: readonly ListItem[];
  /** Every vault that `query` shows, folded away or not. */
  rows: readonly BoardRow[];
  query: BoardQuery;
  selection: VaultSelection;
  grouped: boolean;
  showMine: boolean;
  sort: Sort;
  descending: boolean;
  onSort: (sort: Sort, descending: boolean) => void;
  onToggleGroup: (subscriptionId: string) => void;
}

/** The vaults, however many: only the rows near the window exist. The window itself scrolls. */
export const VaultList = memo(function VaultList(props: VaultListProps) {
  const { items, rows, query, selection, grouped, showMine, sort, descending, onSort, onToggleGroup } = props;
  const narrow = useNarrow();
  const now = useNow();
  const body = useRef<HTMLDivElement>(null);
  const top = useOffsetTop(body);
  const { onFocus, onBlur, rangeExtractor } = useFocusedRow();
  // Its identity tells the virtualiser when to lay out again: with new items, not with every scroll.
  const getItemKey = useCallback((index: number) => items[index]?.key ?? index, [items]);
  const virtual = useWindowVirtualizer({
    count: items.length,
    estimateSize: (index) => heightOf(items[index], { narrow, showMine }),
    getItemKey,
    overscan: OVERSCAN,
    scrollMargin: top,
    rangeExtractor,
    // A scroll event would otherwise be answered in one long task; the overscan covers the frame until the rows are drawn.
    useFlushSync: false,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows and cards differ in height, so a change lays out again
  useEffect(() => virtual.measure(), [virtual, narrow, showMine]);

  const hint = useId();
  const onKeyDown = (event: KeyboardEvent) => {
    // The tick box itself and the buttons of headings answer Space on their own.
    if (event.key !== " " || !(event.target instanceof HTMLAnchorElement)) return;
    const vault = event.target.closest<HTMLElement>("[data-vault]")?.dataset.vault;
    if (vault === undefined) return;
    event.preventDefault();
    selection.toggle(vault);
  };

  return (
    <>
      <Hidden>
        <span id={hint}>Space selects the vault that has the focus; Enter opens it.</span>
      </Hidden>
      <div
        role="table"
        aria-label="Vaults"
        aria-describedby={hint}
        aria-rowcount={items.length + 1}
        aria-colcount={COLUMN_COUNT}
        className={s.table}
      >
        <div role="rowgroup" className={s.head}>
          <div role="row" aria-rowindex={1} className={s.headRow}>
            <div role="columnheader" className={s.select}>
              <SelectAllBox
                label={`Select all ${rows.length} shown`}
                words={`Select all ${rows.length} shown`}
                rows={rows}
                filter={query}
                selection={selection}
              />
            </div>
            {COLUMNS.map((column) => (
              <HeadCell key={column.name} column={column} sort={sort} descending={descending} onSort={onSort} />
            ))}
          </div>
        </div>
        <div
          ref={body}
          role="rowgroup"
          className={s.body}
          style={{ height: virtual.getTotalSize() }}
          onFocus={onFocus}
          onBlur={onBlur}
          onKeyDown={onKeyDown}
        >
          {virtual.getVirtualItems().map(({ index, start }) => {
            const item = items[index];
            if (!item) return null;
            const place = { index: index + 2, top: start - top };
            return item.type === "group" ? (
              <GroupRow
                key={item.key}
                group={item.group}
                rows={item.rows}
                query={query}
                selection={selection}
                folded={item.folded}
                columns={COLUMN_COUNT}
                onToggle={onToggleGroup}
                {...place}
              />
            ) : (
              <VaultRow
                key={item.key}
                row={item.row}
                now={now}
                showSubscription={!grouped}
                showMine={showMine}
                selection={selection}
                {...place}
              />
            );
          })}
        </div>
      </div>
    </>
  );
});

/** Pixels of one line of the list. */
function heightOf(item: ListItem | undefined, { narrow, showMine }: { narrow: boolean; showMine: boolean }): number {
  if (item?.type === "group") return GROUP_PX;
  if (!narrow) return ROW_PX;
  return item && hasTags(item.row, showMine) ? CARD_PX.tagged : CARD_PX.plain;
}

interface Column {
  name: string;
  sort?: Sort;
  className?: string | undefined;
}

const COLUMNS: readonly Column[] = [
  { name: "Vault", sort: "name", className: s.name },
  { name: "State", sort: "state" },
  { name: "Reason", sort: "reason" },
  { name: "Honeytokens", sort: "decoys", className: s.decoys },
  { name: "Resource group" },
  { name: "Location", className: s.location },
  { name: "Checked", sort: "checkedAt" },
];

/** With that of the tick boxes. */
const COLUMN_COUNT = COLUMNS.length + 1;

interface HeadCellProps extends Pick<VaultListProps, "sort" | "descending" | "onSort"> {
  column: Column;
}

function HeadCell({ column, sort, descending, onSort }: HeadCellProps) {
  const { name, sort: by, className } = column;
  if (!by) {
    return (
      <div role="columnheader" className={className}>
        {name}
      </div>
    );
  }
  const chosen = sort === by;
  return (
    <div
      role="columnheader"
      className={className}
      aria-sort={chosen ? (descending ? "descending" : "ascending") : "none"}
    >
      <button type="button" className={s.sort} onClick={() => onSort(by, chosen && !descending)}>
        {name}
        <span aria-hidden>{chosen ? (descending ? "↓" : "↑") : ""}</span>
      </button>
    </div>
  );
}
