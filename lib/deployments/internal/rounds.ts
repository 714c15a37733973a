import "server-only";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { isAmong } from "@/lib/store/among";
import { afterLook, hadRound, isExpected, newsSince } from "./decoy-plan";
import type { Scheduled } from "./scheduled";
import { listVault } from "./vault-picture";
import { type VersionLog, versionsMade } from "./version-log";

/** A look comes every few minutes, and rows some minutes late. */
const LOG_BACK_MS = 6 * 3_600_000;

/** Vaults that are listed at one look because a round may come: a call per list, two minutes apart, for days. */
const LISTED_MOST = 100;
/** What a list says is recorded at least so often. */
const RECORDED_EVERY_MS = 3_600_000;

/**
 * Those of the decoys whose neighbours were just renewed together. Where a round may come the vault is listed through ARM,
 * which names no object, and the list decides: the log would be minutes late. For all others one log query says in which
 * vaults at least two objects of others were written, and only those are listed. What a list said is kept in the history,
 * so that the next look counts from there. A vault or log that does not answer is asked at the next look.
 */
export async function afterRounds(service: ServiceContext, scheduled: readonly Scheduled[]): Promise<Scheduled[]> {
  const waiting = scheduled.filter(({ history }) => history.withRounds);
  if (waiting.length === 0) return [];
  const vaultIds = [...new Set(waiting.map(({ vaultId }) => vaultId))];
  try {
    const since = new Date(service.now().getTime() - LOG_BACK_MS);
    const versions = await versionsMade(service, vaultIds, since);
    const ours = await ownKeys(service, vaultIds);
    const expecting = waiting
      .filter(({ history }) => isExpected(history, service.now()))
      .toSorted((a, b) => a.history.looked - b.history.looked)
      .slice(0, LISTED_MOST);
    const lively = waiting.filter((one) => expecting.includes(one) || othersWritten(versions, ours, one) >= 2);
    const found = await Promise.all(lively.map((one) => lookFor(service, one, ours)));
    return found.flatMap((one) => one ?? []);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn({ err: error }, "it could not be found out whether honeytokens are to be renewed with their neighbours");
    return [];
  }
}

/** Objects of others in the vault of which the log shows a version that is news. */
function othersWritten(
  versions: VersionLog,
  ours: ReadonlySet<string>,
  { vaultId, history }: Pick<Scheduled, "vaultId" | "history">,
): number {
  const since = newsSince(history);
  let written = 0;
  for (const [tokenKey, times] of versions) {
    if (!tokenKey.startsWith(`${vaultId}/`) || ours.has(tokenKey)) continue;
    if (times.some((time) => time.getTime() > since)) written++;
  }
  return written;
}

async function lookFor(
  service: ServiceContext,
  one: Scheduled,
  ours: ReadonlySet<string>,
): Promise<Scheduled | undefined> {
  const looked = service.now();
  let listed: Awaited<ReturnType<typeof listVault>>;
  try {
    listed = await listVault(service, one.vaultId);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn({ err: error, vaultId: one.vaultId }, "a vault could not be looked into for a round");
    return undefined;
  }
  const others = listed.filter(({ kind, name }) => !ours.has(`${one.vaultId}/${kind}s/${name.toLowerCase()}`));
  const made = others.flatMap(({ created }) => created ?? []);
  const round = hadRound(one.history, made);
  const history = round
    ? { ...one.history, looked: looked.getTime(), neighbours: made.length }
    : afterLook(one.history, made, looked);
  if (!round && history.looked - one.history.looked < RECORDED_EVERY_MS) return undefined;
  await service.db
    .updateTable("decoy")
    .set({ history: JSON.stringify(history) })
    .where("id", "=", one.decoyId)
    .where("history", "is not", null)
    .execute();
  return round ? { ...one, history } : undefined;
}

/** Token keys of every decoy that may be in these vaults. */
export async function ownKeys({ db }: Pick<ServiceContext, "db">, vaultIds: readonly VaultId[]): Promise<Set<string>> {
  const rows = await db
    .selectFrom("decoy")
    .select("token_key")
    .where(isAmong("vault_id", vaultIds))
    .where("state", "not in", ["retired", "failed"])
    .execute();
  return new Set(rows.map((row) => row.token_key));
}
