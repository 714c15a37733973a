import "server-only";
import { z } from "zod";
import { queryLogs } from "@/lib/azure/logs";
import { normaliseId, parseVaultId, vaultIdParts, vaultPath } from "@/lib/azure/resource-id.pure";
import { SERVICE_IDENTITIES } from "@/lib/config";
import type { ServiceContext, UserContext } from "@/lib/context";
import { readableOf } from "@/lib/coverage/visible";
import { AppError } from "@/lib/errors";
import { readingWatchlist, readKql, withoutComments } from "@/lib/kql-files";
import { alertExceptionsAt, type ExceptionRecord } from "@/lib/store/alert-exceptions";
import { writeAudit } from "@/lib/store/audit";
import { EXCEPTABLE, ExceptableText, type Proposal, type ProposalList } from "./alert-exceptions.pure";

/** Days of the last thirty on which a caller must have touched a decoy. */
const LEAST_DAYS = 3;
/** Thirty days of all vaults: given the longest that the service waits for a query (Azure Monitor service limits). */
const WITHIN_MS = 600_000;
/** A reading is kept so long: what happened on several days of a month does not change in minutes. */
const KEPT_MS = 15 * 60_000;

const Row = z.object({
  Oid: z.string().toLowerCase().pipe(z.guid()),
  VaultId: z.string(),
  Days: z.array(z.string()),
  LeastOthers: z.number(),
  Touches: z.number(),
  First: z.string(),
  Last: z.string(),
  Operations: z.array(ExceptableText),
  Addresses: z.array(z.string()),
  AppId: z.string(),
  ManagedIdentity: z.string(),
});
type Row = z.infer<typeof Row>;

/**
 * Machines that read everything in a vault and so touch its decoys, as the last thirty days of the audit log show them;
 * without those for which exceptions hold already or that a person has dismissed. One log query, kept for 15 minutes.
 * Nothing of what was observed in vaults that the person may not read.
 *
 * @throws AppError when the log could not be read, or Azure does not say which vaults the person may read
 */
export async function listProposals(ctx: UserContext): Promise<ProposalList> {
  const { db, now } = ctx;
  const { rows: all, readAt } = await observed(ctx);
  const vaultOf = ({ VaultId }: Row): string => normaliseId(VaultId);
  const vaults = new Set(all.map(vaultOf));
  const readable = await readableOf(ctx, vaults);
  const rows = all.filter((row) => readable.has(vaultOf(row)));
  const [holding, dismissed] = await Promise.all([
    alertExceptionsAt(db, now()),
    db.selectFrom("alert_proposal_dismissal").selectAll().execute(),
  ]);
  const known = new Map(dismissed.map((one) => [one.caller_oid, one]));
  const proposals = proposalsOf(rows).filter((one) => {
    const before = known.get(one.callerOid);
    const more =
      !before || one.vaults.length > before.vaults || one.operations.some((name) => !before.operations.includes(name));
    return more && !covered(one, holding);
  });
  return { proposals, readAt: readAt.toISOString(), vaultsLeftOut: vaults.size - readable.size };
}

/** Takes a proposal away until its caller does more than now. Throws AppError `not_found` when there is none. */
export async function dismissProposal(ctx: UserContext, callerOid: string): Promise<{ dismissed: string }> {
  const { db, user, now } = ctx;
  const caller = callerOid.toLowerCase();
  const proposal = (await listProposals(ctx)).proposals.find((one) => one.callerOid === caller);
  if (!proposal) throw new AppError("not_found", "There is no such proposal any more.", { fix: "Reload the page." });
  const row = {
    operations: JSON.stringify(proposal.operations),
    vaults: proposal.vaults.length,
    by_oid: user.oid,
    by_name: user.name,
    at: now(),
  };
  await db.transaction().execute(async (transaction) => {
    await transaction
      .insertInto("alert_proposal_dismissal")
      .values({ caller_oid: caller, ...row })
      .onConflict((conflict) => conflict.column("caller_oid").doUpdateSet(row))
      .execute();
    const after = { caller, operations: proposal.operations, vaults: proposal.vaults.length };
    await writeAudit(transaction, { by: user, action: "alert_exception.dismiss", after, result: "ok" }, now());
  });
  return { dismissed: caller };
}

/** Rows of one caller in many vaults as one proposal, the one with most days first. Data in, data out. */
export function proposalsOf(rows: readonly Row[]): Proposal[] {
  const byCaller = new Map<string, Row[]>();
  for (const row of rows) byCaller.set(row.Oid, [...(byCaller.get(row.Oid) ?? []), row]);
  return [...byCaller]
    .flatMap(([callerOid, own]): Proposal[] => {
      const vaults = own.flatMap(({ VaultId }) => {
        const id = parseVaultId(VaultId);
        return id ? [{ id, name: vaultIdParts(id).name, path: vaultPath(id) }] : [];
      });
      const [first] = own;
      if (!first || vaults.length === 0) return [];
      const identity = own.find(({ ManagedIdentity }) => ManagedIdentity !== "")?.ManagedIdentity ?? "";
      return [
        {
          callerOid,
          callerName: (identity.split("/").at(-1) || first.AppId || callerOid).slice(0, 200),
          managedIdentity: identity !== "",
          operations: [...new Set(own.flatMap(({ Operations }) => Operations))].sort(),
          vaults: vaults.sort((a, b) => a.name.localeCompare(b.name)),
          days: new Set(own.flatMap(({ Days }) => Days)).size,
          touches: own.reduce((sum, { Touches }) => sum + Touches, 0),
          leastOthers: Math.min(...own.map(({ LeastOthers }) => LeastOthers)),
          addresses: new Set(own.flatMap(({ Addresses }) => Addresses)).size,
          first: own.map(({ First }) => First).sort()[0] ?? "",
          last:
            own
              .map(({ Last }) => Last)
              .sort()
              .at(-1) ?? "",
        },
      ];
    })
    .sort((a, b) => b.days - a.days || a.callerOid.localeCompare(b.callerOid));
}

/** Whether exceptions hold for all that a proposal is about. */
function covered({ callerOid, operations, vaults }: Proposal, holding: readonly ExceptionRecord[]): boolean {
  const own = holding.filter(({ caller_oid }) => caller_oid === callerOid);
  return vaults.every(({ id }) =>
    operations.every((operation) =>
      own.some(({ scope, operations: has }) => (scope === "*" || scope === id) && has.includes(operation)),
    ),
  );
}

interface Observed {
  rows: Row[];
  readAt: Date;
}

const kept = new WeakMap<ServiceContext["db"], { at: Date; asked: Promise<Observed> }>();

/** Asked once at a time; a failure is not kept. */
function observed(service: ServiceContext): Promise<Observed> {
  const { db, now } = service;
  const last = kept.get(db);
  if (last && now().getTime() - last.at.getTime() < KEPT_MS) return last.asked;
  const at = now();
  const asked = ask(service, at);
  const entry = { at, asked };
  kept.set(db, entry);
  asked.catch(() => {
    if (kept.get(db) === entry) kept.delete(db);
  });
  return asked;
}

async function ask({ azure, config }: ServiceContext, readAt: Date): Promise<Observed> {
  const text = withoutComments(readKql("lib/detection/queries/benign-readers.kql"));
  const kql = readingWatchlist(text, config.watchlistAlias);
  const ours = [...new Set(SERVICE_IDENTITIES.map((name) => config.identities[name].objectId.toLowerCase()))];
  const parameters = { operations: EXCEPTABLE, leastDays: LEAST_DAYS, ours };
  const query = { kql, parameters, timespan: "P30D" };
  const rows = await queryLogs(azure.collector, config.workspace.customerId, query, Row, { within: WITHIN_MS });
  return { rows, readAt };
}
