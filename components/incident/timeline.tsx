"use client";
import { Button } from "@fluentui/react-components";
import { ArrowDownloadRegular } from "@fluentui/react-icons";
import { memo, type ReactNode, useState } from "react";
import { bothTimes } from "@/components/ui/age";
import table from "@/components/ui/list-table.module.css";
import { Card } from "@/components/ui/page";
import { plural } from "@/components/ui/plural";
import { saveFile } from "@/components/ui/save-file";
import { Badge } from "@/components/ui/state-badge";
import { toCsv } from "@/lib/csv.pure";
import type { Activity, IncidentView } from "@/lib/incidents/incident.pure";
import { visibleText } from "@/lib/outside-text.pure";
import { Foreign, VaultName } from "./foreign";
import s from "./incident.module.css";
import { TOUCH_LOOK } from "./incident-words";
import { Part } from "./part";

/** Rows that are put on screen at once. */
const STEP = 200;

/** What the callers did, in any vault, in the window; refused calls beside allowed ones. `children` choose the window. */
export function Timeline({ view, children }: { view: IncidentView; children: ReactNode }) {
  const [shown, setShown] = useState(STEP);
  return (
    <Card title="What else the caller did">
      <div className={s.bar}>
        {children}
        {view.activity.ok && view.activity.rows.length > 0 && (
          <Button
            size="small"
            icon={<ArrowDownloadRegular />}
            onClick={() => save(view.number, view.activity.ok ? view.activity.rows : [])}
          >
            Download these calls
          </Button>
        )}
      </div>
      <Part
        part={view.activity}
        empty="The log shows no call of this caller in this window."
        more="These are the first 2,000 calls; choose a shorter window, or run the query in the portal."
      >
        {(rows) => (
          <>
            <table className={table.table} aria-label="Calls of the caller">
              <thead>
                <tr>
                  <th scope="col">Time</th>
                  <th scope="col">Operation</th>
                  <th scope="col">Object</th>
                  <th scope="col">Vault</th>
                  <th scope="col">Address and client</th>
                </tr>
              </thead>
              <tbody>
                {rows.slice(0, shown).map((row) => (
                  <Row key={row.place} row={row} />
                ))}
              </tbody>
            </table>
            {rows.length > shown && (
              <div className={table.more}>
                <Button onClick={() => setShown(shown + STEP)}>
                  {`Show ${Math.min(STEP, rows.length - shown)} of ${plural(rows.length - shown, "more call")}`}
                </Button>
              </div>
            )}
          </>
        )}
      </Part>
    </Card>
  );
}

const CLOCK = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "medium" });

const Row = memo(function Row({ row }: { row: Activity }) {
  return (
    <tr {...(row.touch && { className: s.touch })}>
      <td data-label="Time">
        <time dateTime={row.at} title={bothTimes(row.at)}>
          {CLOCK.format(new Date(row.at))}
        </time>
      </td>
      <td data-label="Operation" className={s.operation}>
        <Foreign>{row.operation}</Foreign>
        <span className={s.second}>{resultWords(row.status)}</span>
      </td>
      <td data-label="Object" data-wide className={table.code}>
        {row.name === "" ? "all of them" : <Foreign>{row.name}</Foreign>}
        {row.touch && (
          <span className={s.second}>
            <Badge look={TOUCH_LOOK} />
          </span>
        )}
      </td>
      <td data-label="Vault">
        <VaultName id={row.vaultId} />
      </td>
      <td data-label="Address and client">
        <Foreign>{row.ip}</Foreign>
        <span className={s.second}>
          <Foreign>{row.client}</Foreign>
        </span>
      </td>
    </tr>
  );
});

function resultWords(status: number): string {
  if (status === 0) return "result not logged";
  return status < 400 ? `allowed (${status})` : `refused (${status})`;
}

const COLUMNS = [
  "time",
  "caller",
  "operation",
  "status",
  "honeytoken",
  "object",
  "vault",
  "address",
  "client",
  "request",
];

function save(number: number, rows: readonly Activity[]): void {
  const cells = rows.map((row) => [
    row.at,
    row.caller,
    row.operation,
    row.status === 0 ? "" : String(row.status),
    row.touch ? "yes" : "no",
    row.name === "" ? "" : `${row.kind}/${row.name}`,
    row.vaultId,
    row.ip,
    row.client,
    row.requestId,
  ]);
  saveFile(`incident-${number}-calls.csv`, "text/csv", [
    toCsv(
      COLUMNS,
      cells.map((line) => line.map(visibleText)),
    ),
  ]);
}
