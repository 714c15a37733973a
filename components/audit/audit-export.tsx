"use client";
import { Button } from "@fluentui/react-components";
import { ArrowDownloadRegular } from "@fluentui/react-icons";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { toFailure } from "@/components/api/api-error";
import type { GetToken } from "@/components/api/get-json";
import { useSession } from "@/components/session/session-context";
import { saveFile } from "@/components/ui/save-file";
import type { AuditFilter } from "@/lib/audit/audit.pure";
import own from "./audit.module.css";
import { FORMATS, type Format } from "./export-formats";
import { readAuditPage } from "./use-audit";

interface Order {
  format: Format;
  signal: AbortSignal;
}

/** Rows that went into the file, and rows about vaults that the person may not read, which did not. */
interface Count {
  saved: number;
  leftOut: number;
}

const NONE: Count = { saved: 0, leftOut: 0 };

/** Saves every row that the search finds, not only those on the screen; that it was done is on record. */
export function AuditExport({ filter }: { filter: AuditFilter }) {
  const { getToken } = useSession();
  const [count, setCount] = useState(NONE);
  const abort = useRef<AbortController>(null);
  useEffect(() => () => abort.current?.abort(), []);
  const exporting = useMutation({
    mutationFn: ({ format, signal }: Order) => exportRows(format, filter, getToken, signal, setCount),
  });
  const start = (format: Format) => {
    abort.current = new AbortController();
    setCount(NONE);
    exporting.mutate({ format, signal: abort.current.signal });
  };
  return (
    <div className={own.export}>
      <span role="status" className={own.exportState}>
        {exporting.isPending && `${(count.saved + count.leftOut).toLocaleString()} rows read…`}
        {exporting.isSuccess && `${count.saved.toLocaleString()} rows saved${leftOutWords(count)}`}
        {exporting.isError && toFailure(exporting.error).message}
      </span>
      {(["csv", "json"] as const).map((format) => (
        <Button
          key={format}
          icon={<ArrowDownloadRegular />}
          disabled={exporting.isPending}
          onClick={() => start(format)}
        >
          {FORMATS[format].title}
        </Button>
      ))}
    </div>
  );
}

function leftOutWords({ leftOut }: Count): string {
  return leftOut > 0 ? `; ${leftOut.toLocaleString()} left out, about vaults that you may not read in Azure` : "";
}

async function exportRows(
  format: Format,
  filter: AuditFilter,
  getToken: GetToken,
  signal: AbortSignal,
  onProgress: (count: Count) => void,
): Promise<void> {
  const { begin, rows, between, end, type } = FORMATS[format];
  const parts = [begin];
  let count = NONE;
  let next: string | null = null;
  do {
    const page = await readAuditPage("/api/audit/export", filter, next, getToken, signal);
    // A page may hold nothing that this person may read.
    if (page.rows.length > 0) parts.push(...(count.saved > 0 ? [between] : []), rows(page.rows));
    count = { saved: count.saved + page.rows.length, leftOut: count.leftOut + page.leftOut };
    onProgress(count);
    next = page.next;
  } while (next !== null);
  saveFile(`audit-${new Date().toISOString().slice(0, 10)}.${format}`, type, [...parts, end]);
}
