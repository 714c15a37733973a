"use client";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { Fragment, memo, useCallback, useRef } from "react";
import { useNow } from "@/components/ui/age";
import { useFocusedRow } from "@/components/ui/use-focused-row";
import { useNarrow } from "@/components/ui/use-narrow";
import { useOffsetTop } from "@/components/ui/use-offset-top";
import type { Incident, Sort } from "@/lib/incidents/select.pure";
import type { News } from "./arrivals";
import s from "./incident-list.module.css";
import { IncidentRow } from "./incident-row";

const ROW_PX = 62;
const CARD_PX = 126;
const OVERSCAN = 8;

interface IncidentListProps {
  incidents: readonly Incident[];
  unseen: ReadonlyMap<string, News>;
  sort: Sort;
  descending: boolean;
  onSort: (sort: Sort, descending: boolean) => void;
  onOpen: (id: string) => void;
}

/** The incidents, however many: only the rows near the window exist. The window itself scrolls. */
export const IncidentList = memo(function IncidentList(props: IncidentListProps) {
  const { incidents, sort, descending, onSort } = props;
  const narrow = useNarrow();
  return (
    <table aria-label="Incidents" aria-rowcount={incidents.length + 1} className={s.table}>
      <thead className={s.head}>
        <tr aria-rowindex={1}>
          {COLUMNS.map((column) => (
            <HeadCell key={column.name} column={column} sort={sort} descending={descending} onSort={onSort} />
          ))}
        </tr>
      </thead>
      {/* Rows and cards differ in height, so a change lays out anew. */}
      <Rows key={String(narrow)} rowPx={narrow ? CARD_PX : ROW_PX} {...props} />
    </table>
  );
});

type RowsProps = Pick<IncidentListProps, "incidents" | "unseen" | "onOpen"> & { rowPx: number };

function Rows({ incidents, unseen, onOpen, rowPx }: RowsProps) {
  const now = useNow();
  const body = useRef<HTMLTableSectionElement>(null);
  const top = useOffsetTop(body);
  const { onFocus, onBlur, rangeExtractor } = useFocusedRow();
  // Its identity tells the virtualiser when to lay out again: with new rows, not with every scroll.
  const getItemKey = useCallback((index: number) => incidents[index]?.id ?? index, [incidents]);
  const virtual = useWindowVirtualizer({
    count: incidents.length,
    estimateSize: () => rowPx,
    getItemKey,
    overscan: OVERSCAN,
    scrollMargin: top,
    rangeExtractor,
    // A scroll event would otherwise be answered in one long task; the overscan covers the frame until the rows are drawn.
    useFlushSync: false,
  });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? -1;
  return (
    <tbody ref={body} onFocus={onFocus} onBlur={onBlur}>
      {shown.map(({ index }, place) => {
        const incident = incidents[index];
        if (!incident) return null;
        return (
          <Fragment key={incident.id}>
            <Space rows={index - (shown[place - 1]?.index ?? -1) - 1} rowPx={rowPx} />
            <IncidentRow
              incident={incident}
              index={index + 2}
              now={now}
              news={unseen.get(incident.id)}
              onOpen={onOpen}
            />
          </Fragment>
        );
      })}
      <Space rows={incidents.length - last - 1} rowPx={rowPx} />
    </tbody>
  );
}

/** The room of rows that are not drawn. */
function Space({ rows, rowPx }: { rows: number; rowPx: number }) {
  return rows > 0 && <tr aria-hidden className={s.space} style={{ height: rows * rowPx }} />;
}

interface Column {
  name: string;
  sort?: Sort;
  className?: string | undefined;
}

const COLUMNS: readonly Column[] = [
  { name: "Incident", sort: "title", className: s.incident },
  { name: "Severity", sort: "severity", className: s.severity },
  { name: "Status", sort: "status", className: s.status },
  { name: "Vault", className: s.vault },
  { name: "Caller", className: s.caller },
  { name: "Touches", sort: "touches", className: s.touches },
  { name: "Owner", className: s.owner },
  { name: "Created", sort: "created", className: s.created },
];

interface HeadCellProps extends Pick<IncidentListProps, "sort" | "descending" | "onSort"> {
  column: Column;
}

function HeadCell({ column, sort, descending, onSort }: HeadCellProps) {
  const { name, sort: by, className } = column;
  if (!by) {
    return (
      <th scope="col" className={className}>
        {name}
      </th>
    );
  }
  const chosen = sort === by;
  return (
    <th scope="col" className={className} aria-sort={chosen ? (descending ? "descending" : "ascending") : "none"}>
      <button type="button" className={s.sort} onClick={() => onSort(by, chosen ? !descending : by !== "title")}>
        {name}
        {chosen && <span aria-hidden>{descending ? "↓" : "↑"}</span>}
      </button>
    </th>
  );
}
