"use client";
import { Button } from "@fluentui/react-components";
import { useMemo } from "react";
import { EmptyState } from "@/components/ui/empty-state";
import { FailureNotice } from "@/components/ui/failure-notice";
import s from "@/components/ui/list-table.module.css";
import { Page } from "@/components/ui/page";
import { plural, shownOf } from "@/components/ui/plural";
import { useSettled } from "@/components/ui/use-settled";
import { Wait } from "@/components/ui/wait";
import type { AuditFilter } from "@/lib/audit/audit.pure";
import { AuditExport } from "./audit-export";
import { AuditList } from "./audit-list";
import { AuditSearch } from "./audit-search";
import { NO_FILTER, readableFilter, useAuditParameters, useAuditRows } from "./use-audit";

/** A pause in typing: what is typed is not asked for letter by letter. */
const TYPING_MS = 300;

/** Who did what, on which vault, newest first. */
export function AuditPage() {
  const [parameters, setParameters] = useAuditParameters();
  const typed = useMemo(() => readableFilter(parameters), [parameters]);
  const filter = useSettled(typed, TYPING_MS);
  const trail = useAuditRows(filter);
  const rows = useMemo(() => trail.data?.pages.flatMap((page) => page.rows) ?? [], [trail.data]);
  const leftOut = trail.data?.pages.reduce((sum, page) => sum + page.leftOut, 0) ?? 0;
  const read = rows.length + leftOut;
  const filtered = Object.values(filter).some((value) => value !== "");
  const change = (next: Partial<AuditFilter>) => {
    // The address follows by itself; there is nothing to wait for.
    setParameters(next).catch(() => {});
  };
  return (
    <Page
      title="Audit"
      lead="Every change that was made or refused here, and who read what not everybody may see, newest first. The database lets nobody alter these rows."
      actions={trail.data && (rows.length > 0 || trail.hasNextPage) && <AuditExport filter={filter} />}
    >
      <AuditSearch parameters={parameters} onChange={change} />
      {trail.isError && <FailureNotice error={trail.error} onRetry={() => trail.refetch()} />}
      {trail.isPending && <Wait>Reading the audit trail</Wait>}
      {trail.data &&
        (rows.length === 0 && !trail.hasNextPage ? (
          <NoRows filtered={filtered} leftOut={leftOut} onClear={() => change(NO_FILTER)} />
        ) : (
          <section aria-label="Audit trail">
            <p className={s.shown} role="status">
              {trail.hasNextPage ? `The newest ${plural(read, "row")}` : shownOf(read, read, "row")}
              {filtered && " that match"}
              {leftOut > 0 && `; ${hidden(leftOut)}`}
            </p>
            <AuditList
              rows={rows}
              more={
                trail.hasNextPage && (
                  <Button disabled={trail.isFetchingNextPage} onClick={() => trail.fetchNextPage()}>
                    {trail.isFetchingNextPage ? "Reading…" : "Show older rows"}
                  </Button>
                )
              }
            />
          </section>
        ))}
    </Page>
  );
}

/** "3 are about vaults that you may not read in Azure, and not shown" */
function hidden(rows: number): string {
  return `${rows} ${rows === 1 ? "is" : "are"} about vaults that you may not read in Azure, and not shown`;
}

interface NoRowsProps {
  filtered: boolean;
  /** Rows that were found and are not shown. */
  leftOut: number;
  onClear: () => void;
}

function NoRows({ filtered, leftOut, onClear }: NoRowsProps) {
  const clear = filtered && <Button onClick={onClear}>Clear the search</Button>;
  if (leftOut > 0) {
    return (
      <EmptyState title="No row that you may read" action={clear}>
        Of the rows that {filtered ? "match" : "there are"}, {hidden(leftOut)}.
      </EmptyState>
    );
  }
  if (!filtered) {
    return <EmptyState title="Nothing has happened yet">The first change that somebody makes appears here.</EmptyState>;
  }
  return (
    <EmptyState title="No row matches" action={clear}>
      Nothing in the audit trail is hidden for any other reason.
    </EmptyState>
  );
}
