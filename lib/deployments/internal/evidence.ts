import "server-only";
import { z } from "zod";
import { queryLogs } from "@/lib/azure/logs";
import type { ServiceContext } from "@/lib/context";
import { readingWatchlist, readKql } from "@/lib/kql-files";
import { outsideSlot } from "@/lib/slots";
import type { Decoy } from "@/lib/store/decoys";
import { Gather } from "./gather";

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

/** Token keys whose row the workspace itself returns, in this state and with the window that we published. */
export async function visibleInRegister(
  service: ServiceContext,
  decoys: readonly Decoy[],
  state: "planting" | "live" | "retiring" = "planting",
): Promise<Set<string>> {
  const windows = await outsideSlot(() => openWindows(service));
  // The database keeps microseconds, KQL a tenth of one, text milliseconds.
  const shown = ({ token_key: key, window_end: end }: Decoy): boolean =>
    Math.abs((windows.get(`${state} ${key}`) ?? Number.NaN) - (end?.getTime() ?? 0)) < 1_000;
  return new Set(decoys.filter(shown).map((decoy) => decoy.token_key));
}

/** Whoever waits for the register looks again after so many polls at most. */
const LOOK_POLLS = 3;

/** Milliseconds until the register is asked again, before which nobody who has just looked learns anything new. */
export function registerAskedAgainIn({ db, config, now }: Pick<ServiceContext, "db" | "config" | "now">): number {
  const { poll } = config.timing;
  const rest = (reads.get(db)?.windows?.until ?? 0) - now().getTime();
  return Math.min(LOOK_POLLS * poll, Math.max(poll, rest));
}

interface Reads {
  /** `until`: milliseconds since 1970 at which it is asked again. */
  windows: { until: number; value: Promise<Map<string, number>> } | undefined;
  creations: Gather<Wanted, Map<string, Creation[]>>;
}

interface Wanted {
  tokenKeys: readonly string[];
  since: Date;
}

/** Asks of one moment are one query: Azure takes 200 in 30 seconds of one identity, and 5 at the same time. */
const GATHER_MAX = 1_000;
const AT_ONCE = 2;
/** What takes long to answer, since there are thousands of rows, is asked for after so many times as long. */
const REST = 10;
/** And no longer after it than half a minute in a real tenant. */
const REST_MAX_POLLS = 6;

const reads = new WeakMap<ServiceContext["db"], Reads>();

function readsOf(service: ServiceContext): Reads {
  let found = reads.get(service.db);
  if (!found) {
    const read = (wanted: readonly Wanted[]) => readCreations(service, wanted);
    const creations = new Gather(read, service.config.timing.gatherWithin, GATHER_MAX, AT_ONCE);
    found = { windows: undefined, creations };
    reads.set(service.db, found);
  }
  return found;
}

/** Ends of the open windows by state and token key; one query for all that ask within half a poll, or longer (`REST`). */
function openWindows(service: ServiceContext): Promise<Map<string, number>> {
  const { config, azure, now } = service;
  const shared = readsOf(service);
  const at = now().getTime();
  if (shared.windows && at < shared.windows.until) return shared.windows.value;
  const kql = readingWatchlist(readKql("lib/deployments/queries/register-visible.kql"), config.watchlistAlias);
  const value = queryLogs(azure.collector, config.workspace.customerId, { kql, parameters: {} }, RegisterRow).then(
    (rows) => new Map(rows.map((row) => [`${row.State} ${row.TokenKey}`, row.WindowEnd?.getTime() ?? 0])),
  );
  const windows = { until: Number.POSITIVE_INFINITY, value };
  shared.windows = windows;
  value.then(
    () => {
      const answered = now().getTime();
      const rest = Math.min((answered - at) * REST, REST_MAX_POLLS * config.timing.poll);
      windows.until = Math.max(at + config.timing.poll / 2, answered + rest);
    },
    () => {
      shared.windows = undefined;
    },
  );
  return value;
}

/** Creations of these decoys by anybody since `since`, oldest first, by token key; one query for all that ask now. */
export async function creationsOf(
  service: ServiceContext,
  decoys: readonly Decoy[],
  since: Date,
): Promise<Map<string, Creation[]>> {
  const found = await readsOf(service).creations.ask({ tokenKeys: decoys.map((decoy) => decoy.token_key), since });
  return new Map(
    decoys.flatMap(({ token_key: key }) => {
      const creations = found.get(key)?.filter((creation) => creation.at >= since);
      return creations && creations.length > 0 ? [[key, creations] as const] : [];
    }),
  );
}

async function readCreations(
  { config, azure }: ServiceContext,
  wanted: readonly Wanted[],
): Promise<Map<string, Creation[]>> {
  const kql = readKql("lib/deployments/queries/creations.kql");
  const tokenKeys = [...new Set(wanted.flatMap((one) => one.tokenKeys))];
  const since = new Date(Math.min(...wanted.map((one) => one.since.getTime())));
  const parameters = { tokenKeys, since };
  const rows = await queryLogs(azure.collector, config.workspace.customerId, { kql, parameters }, CreationRow);
  const found = new Map<string, Map<string, Creation>>();
  for (const row of rows) {
    const creations = found.get(row.TokenKey) ?? new Map<string, Creation>();
    found.set(row.TokenKey, creations);
    // A vault with two settings writes each event into both tables: the version makes them one again.
    const key = row.Version === "" ? `${row.RequestId} ${row.TimeGenerated.toISOString()}` : row.Version;
    // Through Azure Resource Manager a key that stands already is written anew without a change: whoever came first made it.
    const known = creations.get(key);
    if (known && known.at <= row.TimeGenerated) continue;
    creations.set(key, { at: row.TimeGenerated, by: row.Oid, version: row.Version });
  }
  return new Map(
    [...found].map(([key, creations]) => [
      key,
      [...creations.values()].sort((a, b) => a.at.getTime() - b.at.getTime()),
    ]),
  );
}
