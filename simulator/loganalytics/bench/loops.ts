import { TABLE_COLUMNS } from "../columns";
import type { Row } from "../kql/types";
import { MINUTE } from "../kql/values/time";
import { decoys } from "./rows";

const at = Object.fromEntries(TABLE_COLUMNS.AzureDiagnostics.map((column, index) => [column.name, index]));

function text(row: Row, name: string): string {
  const cell = row[at[name] ?? -1];
  return typeof cell === "string" ? cell : "";
}

function time(row: Row): number {
  const cell = row[at.TimeGenerated ?? -1];
  return typeof cell === "number" ? cell : 0;
}

/**
 * What a person would write by hand over rows held as arrays, with no index and no language between. `since` is the start
 * of the day, microseconds. Each gives the number of rows that the query gives.
 */
export const LOOPS = {
  touches(rows: readonly Row[], since: number): number {
    const keys = new Set(decoys().map(({ vault, kind, name }) => `${vault}/${kind}/${name}`));
    const object = /^https:\/\/[^/]+\/(?:deleted)?(secrets|keys|certificates)\/([0-9a-z-]{1,127})/i;
    let found = 0;
    for (const row of rows) {
      if (time(row) <= since || text(row, "Category") !== "AuditEvent") continue;
      const match = object.exec(text(row, "requestUri_s"));
      const key = `${text(row, "ResourceId").toLowerCase()}/${match?.[1]?.toLowerCase()}/${match?.[2]?.toLowerCase()}`;
      if (keys.has(key)) found++;
    }
    return found;
  },
  burst(rows: readonly Row[], since: number): number {
    const groups = new Map<string, number>();
    for (const row of rows) {
      if (time(row) <= since || row[at.httpStatusCode_d ?? -1] !== 403) continue;
      const key = `${text(row, "identity_claim_oid_g")} ${Math.floor(time(row) / (10 * MINUTE))}`;
      groups.set(key, (groups.get(key) ?? 0) + 1);
    }
    return [...groups.values()].filter((count) => count >= 2).length;
  },
  operations(rows: readonly Row[]): number {
    const wanted = new Set(["secretset", "keysign", "vaultget"]);
    const groups = new Map<string, { count: number; first: number; last: number }>();
    for (const row of rows) {
      const operation = text(row, "OperationName");
      if (!wanted.has(operation.toLowerCase())) continue;
      const key = `${operation} ${text(row, "identity_claim_oid_g")}`;
      const known = groups.get(key);
      const moment = time(row);
      if (!known) groups.set(key, { count: 1, first: moment, last: moment });
      else
        groups.set(key, {
          count: known.count + 1,
          first: Math.min(known.first, moment),
          last: Math.max(known.last, moment),
        });
    }
    return groups.size;
  },
};
