"use client";

import { useState } from "react";
import table from "@/components/ui/list-table.module.css";
import { Card } from "@/components/ui/page";
import { formatNumber, plural } from "@/components/ui/plural";
import { rotateCommand } from "@/lib/incidents/containment.pure";
import type { IncidentView, ReadObject } from "@/lib/incidents/incident.pure";
import { exposureOf } from "@/lib/incidents/rotation.pure";
import { CopyText } from "./copy-text";
import { Foreign, VaultName } from "./foreign";
import s from "./incident.module.css";
import { EXPOSURE_WORDS, spanWords } from "./incident-words";
import { Part } from "./part";
import { ShowAll } from "./show-all";

const KIND_WORDS: Record<string, string> = { secrets: "secret", keys: "key", certificates: "certificate" };

/** Shown before somebody asks for all. */
const FIRST = 15;

/** The real secrets and keys that the caller read or used within a day of the touch, first to be rotated first. */
export function Rotation({ reads }: { reads: IncidentView["reads"] }) {
  const [all, setAll] = useState(false);
  return (
    <div id="rotate" className={s.anchor}>
      <Card title="What to rotate, in this order">
        <Part
          part={reads}
          empty="The log shows no successful read of anything real within a day of the touch."
          more="These are the 1,000 that were read most often."
        >
          {(rows) => (
            <>
              <table className={table.table} aria-label="What to rotate">
                <thead>
                  <tr>
                    <th scope="col">Object</th>
                    <th scope="col">Vault</th>
                    <th scope="col">Read</th>
                    <th scope="col">
                      <span className={s.hidden}>Command</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {rows.slice(0, all ? rows.length : FIRST).map((row) => (
                    <Row key={`${row.vaultId}/${row.kind}/${row.name}`} row={row} />
                  ))}
                </tbody>
              </table>
              <ShowAll count={rows.length} shown={all ? rows.length : FIRST} onShow={() => setAll(true)} />
            </>
          )}
        </Part>
      </Card>
    </div>
  );
}

/** On which side of the first touch the reads lie, and how near the nearest is. */
function whenWords({ reads, after, seconds }: ReadObject): string {
  const near = spanWords(seconds);
  if (reads === 1) return `${after === 0 ? "Before" : "After"} the touch, within ${near} of it`;
  const side = after === 0 ? "All before" : after >= reads ? "All after" : `${formatNumber(after)} after`;
  return `${side} the touch, the nearest within ${near} of it`;
}

function Row({ row }: { row: ReadObject }) {
  const command = rotateCommand(row);
  return (
    <tr>
      <th scope="row" className={table.code}>
        <Foreign>{row.name}</Foreign>
        <span className={s.second}>
          {KIND_WORDS[row.kind] ?? row.kind}: {EXPOSURE_WORDS[exposureOf(row)].toLowerCase()}
        </span>
      </th>
      <td data-label="Vault">
        <VaultName id={row.vaultId} />
      </td>
      <td data-label="Read">
        {plural(row.reads, "time")}
        <span className={s.second}>{whenWords(row)}</span>
      </td>
      <td>{command && <CopyText name={`the command that rotates ${row.name}`} text={command} />}</td>
    </tr>
  );
}
