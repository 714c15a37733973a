import "server-only";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import { isClosed } from "@/lib/azure/vault-network.pure";
import type { ServiceContext } from "@/lib/context";
import type { BoardRow } from "@/lib/coverage/board.pure";
import { BROKEN } from "@/lib/coverage/facts.pure";
import type { Fleet } from "@/lib/coverage/fleet";
import { secureRandom } from "@/lib/decoys/random";
import { decoyCount } from "@/lib/decoys/settings";
import type { DecoySettings } from "@/lib/decoys/settings.pure";
import { activeExceptions } from "@/lib/exceptions/exceptions";
import { type ExceptionsOfVault, exceptionIndex } from "@/lib/exceptions/exceptions.pure";
import { groupBy } from "@/lib/group-by.pure";
import type { SafetyFacts } from "@/lib/safety/facts.pure";
import { gatherSafety } from "@/lib/safety/gather";
import { readSettings } from "@/lib/settings/settings";
import { type Decoy, isRemovable } from "@/lib/store/decoys";
import type { FleetRequest } from "../fleet.pure";
import { DECOYS_PER_VAULT_MAX, type DecoyKind } from "../plan.pure";
import { NO_RIGHT, NO_RIGHT_BY_ARM, NO_RIGHT_TO_RETIRE } from "../rights";
import { UNDER_WAY_ELSEWHERE } from "../views.pure";
import { auditLogNote } from "./audit-log";
import type { Chosen } from "./choose-vaults";
import type { Allowed, AllowedAt } from "./person-rights";
import { unremovable } from "./reach";
import { judgedFor, noteOf, sentencesOf } from "./safety";
import type { Verdict } from "./ways";

type Judged = Omit<Verdict, "vaultId" | "row">;

const nothing = (state: "blocked" | "skipped", ...reasons: string[]): Judged => ({
  state,
  kind: null,
  count: null,
  plan: { grant: "none", warnings: [], reasons },
});

type Standing = Pick<Decoy, "kind" | "broken">;

/** What is known before any one vault is judged. */
interface Known {
  fleet: Fleet;
  request: FleetRequest;
  settings: DecoySettings;
  /** Vaults of deployments that are under way. */
  running: ReadonlySet<string>;
  /** The live honeytokens in each vault. */
  live: ReadonlyMap<string, readonly Standing[]>;
  exceptionsAt(vaultId: VaultId): ExceptionsOfVault;
}

/** Judges each chosen vault: what would be done there, or why nothing is. Bulk calls only, but for doubtful rights. */
export async function judgeFleet(
  service: ServiceContext,
  allowedAt: AllowedAt,
  fleet: Fleet,
  chosen: readonly Chosen[],
  request: FleetRequest,
): Promise<Verdict[]> {
  const [running, live, exceptions, settings] = await Promise.all([
    vaultsUnderWay(service),
    removableDecoys(service, request),
    activeExceptions(service.db, service.now()),
    readSettings(service.db),
  ]);
  const known = { fleet, request, settings: settings.decoys, running, live, exceptionsAt: exceptionIndex(exceptions) };
  const first = chosen.map((one) => ({ ...one, judged: ruledOut(known, one) }));
  const open = first.filter(({ judged }) => judged === undefined).map(({ vaultId }) => vaultId);
  const safety = request.operation === "retire" ? new Map() : await gatherSafety(service, open);
  const at = service.now().getTime();
  const verdicts: Verdict[] = [];
  for (const { vaultId, row, judged } of first) {
    if (judged || !row) {
      verdicts.push({ vaultId, row, ...(judged ?? UNSEEN) });
      continue;
    }
    const allowed = await allowedAt(vaultId, row);
    const answer =
      typeof allowed === "string"
        ? nothing("blocked", allowed)
        : weighed(known, { vaultId, row }, allowed, { safety, at });
    verdicts.push({ vaultId, row, ...answer });
  }
  return verdicts;
}

const NOT_LIVE = "What was chosen is no longer a live honeytoken of ours in this vault.";
const MIXED: Record<DecoyKind, string> = {
  secret:
    "It holds honeytokens of both kinds, and all are replaced by secrets. To keep the kinds, replace them one by one on the vault's page.",
  key: "It holds honeytokens of both kinds, and all are replaced by keys. To keep the kinds, replace them one by one on the vault's page.",
};

const countOf = (decoys: readonly Standing[], kind: DecoyKind): number =>
  decoys.filter((one) => one.kind === kind).length;

const UNSEEN = nothing("blocked", "There is no such vault, or you may not read it. Ask for the role Reader there.");

/** What can be said without asking Azure about the one vault; undefined = it is to be weighed. */
function ruledOut(known: Known, { vaultId, row }: Chosen): Judged | undefined {
  const { request, running, live, exceptionsAt, fleet } = known;
  const { operation, addToExisting, selection } = request;
  if (!row) return UNSEEN;
  if (running.has(vaultId)) return nothing("skipped", UNDER_WAY_ELSEWHERE);
  const { exclusion, exemption } = exceptionsAt(vaultId);
  // Whoever names a vault means it, whatever holds for all.
  if (operation === "plant" && selection.by !== "vaults" && (exclusion || exemption)) {
    return nothing("skipped", exemption ? "It is exempt." : "It is excluded from plans over many vaults.");
  }
  const decoys = live.get(vaultId) ?? [];
  if (operation !== "plant" && decoys.length === 0)
    return nothing("skipped", request.decoyIds ? NOT_LIVE : "There is no live honeytoken of ours.");
  if (operation === "plant" && row.decoys > 0 && !addToExisting && BROKEN[row.reason] === undefined)
    return nothing(
      "skipped",
      row.reason === "decoy_unconfirmed"
        ? "It has a honeytoken that is not confirmed."
        : "It has a honeytoken already.",
    );
  const reasons: string[] = [];
  // Planting finds its own way past a closed network; removing has none.
  const blocked = operation === "plant" ? undefined : unremovable(row, decoys);
  if (blocked) reasons.push(blocked);
  if (operation !== "retire" && fleet.auditLogOf(vaultId)?.outcome === "fail") {
    reasons.push(
      "Its audit log does not reach the watched workspace, so no touch would be seen. Switch the audit log on first.",
    );
  }
  return reasons.length > 0 ? nothing("blocked", ...reasons) : undefined;
}

/** What is done in a vault that nothing rules out, given what the person may do and what is safe there. */
function weighed(
  { request, settings, live, fleet }: Known,
  { vaultId, row }: { vaultId: VaultId; row: BoardRow },
  allowed: Allowed,
  { safety, at }: { safety: ReadonlyMap<VaultId, SafetyFacts>; at: number },
): Judged {
  const { operation } = request;
  const decoys = live.get(vaultId) ?? [];
  if (operation !== "plant" && !allowed.retire) return nothing("blocked", NO_RIGHT_TO_RETIRE);
  const open = !isClosed(row.network);
  // What somebody else has deleted is only let go where nobody can delete.
  const removed = open ? decoys : decoys.filter(({ broken }) => broken !== "deleted");
  const removes = { secrets: countOf(removed, "secret"), keys: countOf(removed, "key") };
  if (operation === "retire") {
    const plan = { grant: "none" as const, removes, warnings: [], reasons: [] };
    return { state: "planned", kind: decoys[0]?.kind ?? "secret", count: decoys.length, plan };
  }
  const usual = operation === "replace" ? decoys.length : decoyCount(settings, secureRandom);
  const count = Math.min(request.count ?? usual, DECOYS_PER_VAULT_MAX);
  const kinds = allowed.kinds.filter((one) => open || one !== "key").concat(open || !allowed.armKey ? [] : ["key"]);
  const kind = wantedKind(request, decoys, kinds);
  if (kind === undefined) return nothing("blocked", noRight(request.kind, open));
  const wish = { kind, count, acceptUnknownReaders: request.acceptUnknownReaders };
  const facts = safety.get(vaultId);
  const { judgement } = judgedFor(facts, vaultId, wish);
  if (judgement.refusals.length > 0) return nothing("blocked", ...sentencesOf(judgement));
  const mixed = operation === "replace" && request.kind === "auto" && removes.secrets > 0 && removes.keys > 0;
  const { way } = judgement;
  const warnings = [...judgement.warnings, ...(mixed ? [MIXED[judgement.kind]] : [])];
  const plan = { grant: "none" as const, way, ...(operation === "replace" && { removes }), warnings, reasons: [] };
  // As the run would ask, so that one that begins at once need not.
  const note = {
    ...noteOf(judgedFor(facts, vaultId, { ...wish, kind: judgement.kind }), at),
    ...auditLogNote(fleet.auditLogOf(vaultId)),
  };
  return { state: "planned", kind: judgement.kind, count, plan, note };
}

function noRight(kind: FleetRequest["kind"], open: boolean): string {
  if (!open && kind !== "secret") return NO_RIGHT_BY_ARM;
  return NO_RIGHT[kind === "key" ? "key" : "secret"];
}

/** A replacement is of the same kind as what it replaces; undefined when the person may not write any such. */
function wantedKind(
  { operation, kind }: FleetRequest,
  decoys: readonly Standing[],
  kinds: Allowed["kinds"],
): DecoyKind | "auto" | undefined {
  const wanted = operation === "replace" && kind === "auto" ? (decoys[0]?.kind ?? "auto") : kind;
  if (wanted !== "auto") return kinds.includes(wanted) ? wanted : undefined;
  return kinds.length === 2 ? "auto" : kinds[0];
}

async function vaultsUnderWay({ db }: Pick<ServiceContext, "db">): Promise<ReadonlySet<string>> {
  const open = await db
    .selectFrom("deployment_item")
    .select("vault_id")
    .where("state", "in", ["queued", "running"])
    .execute();
  return new Set(open.map((item) => item.vault_id));
}

/** Those of a vault that a request is about, if it removes any. */
async function removableDecoys(
  { db }: Pick<ServiceContext, "db">,
  { decoyIds }: FleetRequest,
): Promise<ReadonlyMap<string, Standing[]>> {
  const rows = await db
    .selectFrom("decoy")
    .select(["vault_id", "kind", "broken"])
    .where(isRemovable)
    .$if(decoyIds !== undefined, (query) => query.where("id", "in", decoyIds ?? []))
    .execute();
  return groupBy(rows, ({ vault_id: vaultId }) => vaultId);
}
