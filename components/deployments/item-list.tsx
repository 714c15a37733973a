"use client";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useRef } from "react";
import { useOffsetTop } from "@/components/ui/use-offset-top";
import type { Operation } from "@/lib/deployments/views.pure";
import { type Item, ItemRow } from "./item-row";
import s from "./item-table.module.css";

/** A row with one line of words; a longer one is measured when it is drawn. */
const ROW_PX = 63;
const OVERSCAN = 12;

/** The vaults that have been loaded, however many: only the rows near the window exist. The window itself scrolls. */
export function ItemList({ items, operation, old }: { items: readonly Item[]; operation: Operation; old: boolean }) {
  const list = useRef<HTMLUListElement>(null);
  const top = useOffsetTop(list);
  const getItemKey = useCallback((index: number) => items[index]?.id ?? index, [items]);
  const virtual = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => ROW_PX,
    getItemKey,
    overscan: OVERSCAN,
    scrollMargin: top,
    // A scroll event would otherwise be answered in one long task; the overscan covers the frame until the rows are drawn.
    useFlushSync: false,
  });
  return (
    <ul ref={list} className={s.list} data-old={old} style={{ height: virtual.getTotalSize() }}>
      {virtual.getVirtualItems().map(({ index, start }) => {
        const item = items[index];
        if (!item) return null;
        return (
          <ItemRow
            key={item.id}
            item={item}
            operation={operation}
            index={index}
            count={items.length}
            top={start - top}
            measure={virtual.measureElement}
          />
        );
      })}
    </ul>
  );
}
