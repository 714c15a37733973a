import "server-only";
import { z } from "zod";
import { queryLogs } from "@/lib/azure/logs";
import type { ServiceContext } from "@/lib/context";
import { readingWatchlist, readKql } from "@/lib/kql-files";
import type { Decoy } from "@/lib/store/decoys";

/** Azure's clocks and ours may differ by so much. */
export const CLOCK_SKEW_MS = 5 * 60_000;

const time = z.string().transform((text) => new Date(text));
const RegisterRow = z.object({ TokenKey: z.string(), State: z.string(), WindowEnd: time.nullable() });
const CreationRow = z.object({
  TokenKey: z.string(),
  TimeGenerated: time,
  Oid: z.string(),
  Version: z.string(),
  RequestId: z.string(),
});

/** One successful creation of an object, as the audit log tells it. */
export interface Creation {
  at: Date;
  /** Object id of the caller, lower case. */
  by: string;
  /** 32 hex digits, or empty when the row did not say. */
  version: string;
}

/** Token keys whose row the workspace itself returns, in the state "planting" with the window that we published. */
export async function visibleInRegister(service: ServiceContext, decoys: readonly Decoy[]): Promise<Set<string>> {
  const { config, azure } = service;
  const kql = readingWatchlist(readKql("lib/deployments/queries/register-visible.kql"), config.watchlistAlias);
  const parameters = { tokenKeys: decoys.map((decoy) => decoy.token_key) };
  const rows = await queryLogs(azure.collector, config.workspace.customerId, { kql, parameters }, RegisterRow);
  const windows = new Map(decoys.map((decoy) => [decoy.token_key, decoy.window_end?.getTime() ?? 0]));
  const shown = rows.filter(
    // The database keeps microseconds, KQL a tenth of one, text milliseconds.
    (row) =>
      row.State === "planting" && Math.abs((row.WindowEnd?.getTime() ?? 0) - (windows.get(row.TokenKey) ?? 0)) < 1_000,
  );
  return new Set(shown.map((row) => row.TokenKey));
}

/** Creations of these decoys by anybody since `since`, oldest first, by token key; one query for all of them. */
export async function creationsOf(
  { config, azure }: ServiceContext,
  decoys: readonly Decoy[],
  since: Date,
): Promise<Map<string, Creation[]>> {
  const kql = readKql("lib/deployments/queries/creations.kql");
  const parameters = { tokenKeys: decoys.map((decoy) => decoy.token_key), since };
  const rows = await queryLogs(azure.collector, config.workspace.customerId, { kql, parameters }, CreationRow);
  const found = new Map<string, Map<string, Creation>>();
  for (const row of rows) {
    const creations = found.get(row.TokenKey) ?? new Map<string, Creation>();
    found.set(row.TokenKey, creations);
    // A vault with two settings writes each event into both tables: the version makes them one again.
    const key = row.Version === "" ? `${row.RequestId} ${row.TimeGenerated.toISOString()}` : row.Version;
    creations.set(key, { at: row.TimeGenerated, by: row.Oid, version: row.Version });
  }
  return new Map(
    [...found].map(([key, creations]) => [
      key,
      [...creations.values()].sort((a, b) => a.at.getTime() - b.at.getTime()),
    ]),
  );
}
