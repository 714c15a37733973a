"use client";
import { Button } from "@fluentui/react-components";
import { useCallback, useDeferredValue, useEffect, useMemo, useRef } from "react";
import { EmptyState } from "@/components/ui/empty-state";
import { plural, shownOf } from "@/components/ui/plural";
import { useNarrow } from "@/components/ui/use-narrow";
import type { IncidentList as List } from "@/lib/incidents/list.pure";
import { choicesOf, prepare, type Sort, select, selectTouches } from "@/lib/incidents/select.pure";
import type { News } from "./arrivals";
import { IncidentCharts } from "./incident-charts";
import { IncidentExport } from "./incident-export";
import { IncidentList } from "./incident-list";
import { IncidentToolbar } from "./incident-toolbar";
import s from "./incidents.module.css";
import {
  hasFilter,
  type IncidentParameters,
  NO_FILTER,
  queryOf,
  type SetIncidentParameters,
} from "./use-incident-parameters";

const NOTHING = prepare({ vaults: [], incidents: [], alerts: [], problems: [] });

interface IncidentsViewProps {
  /** Absent while it is being asked for, or could not be had. */
  list: List | undefined;
  parameters: IncidentParameters;
  onChange: SetIncidentParameters;
  unseen: ReadonlyMap<string, News>;
  onOpen: (id: string) => void;
}

/** Filters, charts and list. Everything follows from the answer and the address. */
export function IncidentsView({ list, parameters, onChange, unseen, onOpen }: IncidentsViewProps) {
  const prepared = usePrepared(list);
  const { severity, status, owner, subscription, vault, sort, descending, days } = parameters;
  // The search text may lag behind the typing, never the box.
  const q = useDeferredValue(parameters.q);
  const filter = useMemo(
    () => queryOf({ q: "", severity, status, owner, subscription, vault, sort, descending }),
    [severity, status, owner, subscription, vault, sort, descending],
  );
  const rows = useMemo(() => select(prepared.incidents, { ...filter, q }), [prepared, filter, q]);
  const touches = useMemo(() => selectTouches(prepared, filter), [prepared, filter]);
  const choices = useMemo(() => choicesOf(prepared.incidents), [prepared]);
  const onSort = useCallback((by: Sort, down: boolean) => onChange({ sort: by, descending: down }), [onChange]);
  const shown = useRef(rows);
  useEffect(() => {
    shown.current = rows;
  }, [rows]);
  const read = useCallback(() => shown.current, []);
  const total = prepared.incidents.length;
  const narrow = useNarrow();
  const charts = parameters.charts ?? !narrow;
  return (
    <>
      <IncidentToolbar parameters={parameters} onChange={onChange} choices={choices} charts={charts} />
      {list && charts && touches.length > 0 && <IncidentCharts touches={touches} range={days} readAt={list.readAt} />}
      {list && (
        <section aria-label="List of incidents">
          <div className={s.above}>
            <p className={s.shown} role="status">
              {shownOf(rows.length, total, "incident")}
            </p>
            {rows.length > 0 && <IncidentExport read={read} />}
          </div>
          {rows.length > 0 ? (
            <IncidentList
              incidents={rows}
              unseen={unseen}
              sort={sort}
              descending={descending}
              onSort={onSort}
              onOpen={onOpen}
            />
          ) : (
            <NoIncidents list={list} parameters={parameters} onClear={() => onChange(NO_FILTER)} />
          )}
        </section>
      )}
    </>
  );
}

/** Made again only when the rows changed, not with every poll. */
function usePrepared(list: List | undefined) {
  const { vaults, incidents, alerts, problems } = list ?? {};
  return useMemo(
    () => (vaults && incidents && alerts && problems ? prepare({ vaults, incidents, alerts, problems }) : NOTHING),
    [vaults, incidents, alerts, problems],
  );
}

function NoIncidents(props: { list: List; parameters: IncidentParameters; onClear: () => void }) {
  const { list, parameters, onClear } = props;
  if (list.problems.some(({ part }) => part === "incidents")) {
    return (
      <EmptyState title="The incidents could not be read">
        This list is not empty: nobody knows what is in it.
      </EmptyState>
    );
  }
  if (hasFilter(parameters) && list.incidents.length > 0) {
    return (
      <EmptyState title="No incident matches" action={<Button onClick={onClear}>Clear filters</Button>}>
        The search and the filters hide {plural(list.incidents.length, "incident")} of this time range.
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No honeytoken was touched">
      {list.days === "1"
        ? "There was no incident in the last day."
        : `There was no incident in the last ${list.days} days.`}{" "}
      What happens appears here by itself.
    </EmptyState>
  );
}
