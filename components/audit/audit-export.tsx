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

/** Saves every row that the search finds, not only those on the screen; that it was done is on record. */
export function AuditExport({ filter }: { filter: AuditFilter }) {
  const { getToken } = useSession();
  const [count, setCount] = useState(0);
  const abort = useRef<AbortController>(null);
  useEffect(() => () => abort.current?.abort(), []);
  const exporting = useMutation({
    mutationFn: ({ format, signal }: Order) => exportRows(format, filter, getToken, signal, setCount),
  });
  const start = (format: Format) => {
    abort.current = new AbortController();
    setCount(0);
    exporting.mutate({ format, signal: abort.current.signal });
  };
  return (
    <div className={own.export}>
      <span role="status" className={own.exportState}>
        {exporting.isPending && `${count.toLocaleString()} rows read…`}
        {exporting.isSuccess && `${count.toLocaleString()} rows saved`}
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

async function exportRows(
  format: Format,
  filter: AuditFilter,
  getToken: GetToken,
  signal: AbortSignal,
  onProgress: (count: number) => void,
): Promise<void> {
  const { begin, rows, between, end, type } = FORMATS[format];
  const parts = [begin];
  let count = 0;
  let next: string | null = null;
  do {
    const page = await readAuditPage("/api/audit/export", filter, next, getToken, signal);
    if (count > 0) parts.push(between);
    parts.push(rows(page.rows));
    count += page.rows.length;
    onProgress(count);
    next = page.next;
  } while (next !== null);
  saveFile(`audit-${new Date().toISOString().slice(0, 10)}.${format}`, type, [...parts, end]);
}
