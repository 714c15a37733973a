import "server-only";
import { sql } from "kysely";
import { z } from "zod";
import { parseVaultId, type VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { deletedLately, readersKnown, type SafetyFacts, selectedPrefixes } from "@/lib/safety/facts.pure";
import { gatherSafety } from "@/lib/safety/gather";
import { type Judgement, judgePlanting, type PlantingWish } from "@/lib/safety/judge.pure";
import { forAll, outsideSlot } from "@/lib/slots";
import { type Item, itemsInOrder, type Run } from "./ledger";

/** What the safety check says about planting in one vault. */
export interface Safety {
  judgement: Judgement;
  /** Beginnings that the names of new objects keep away from. */
  selectedBy: string[];
  /** Whether these are all there are, as `checkName` asks. */
  readersKnown: boolean;
  /** Names, lower case, of what the log shows to be deleted and recoverable: the vault refuses them. */
  deleted: readonly string[];
  /** A source did not answer, so the judgement rests on less than it could; asking again may help. */
  incomplete: boolean;
}

/** The safety of one vault, asked now. */
export async function safetyOf(service: ServiceContext, vaultId: VaultId, wish: PlantingWish): Promise<Safety> {
  return judgedFor((await gatherSafety(service, [vaultId])).get(vaultId), vaultId, wish);
}

/** Facts of a deployment are as old as this at most when a vault's turn comes. */
const KEPT_MS = 15 * 60_000;

interface Kept {
  facts: Promise<ReadonlyMap<VaultId, SafetyFacts>>;
  at: number;
}
const keptFor = new WeakMap<ServiceContext["db"], Map<string, Kept>>();

/** What was found harmless, kept with the item: a process that goes on after another one need not ask Azure again. */
const Noted = z.object({
  safety: z.object({
    at: z.number(),
    kind: z.enum(["secret", "key"]),
    way: z.enum(["data_plane", "arm_key"]),
    warnings: z.array(z.string()),
    mustStayEnabled: z.boolean(),
    selectedBy: z.array(z.string()),
    readersKnown: z.boolean(),
    deleted: z.array(z.string()),
  }),
});

/** A judgement as it is kept in an item's plan, `at` milliseconds since 1970; nothing where it is not all good. */
export function noteOf(
  { judgement, selectedBy, readersKnown, deleted, incomplete }: Safety,
  at: number,
): Partial<z.infer<typeof Noted>> {
  const { kind, way, warnings, mustStayEnabled, refusals } = judgement;
  if (incomplete || refusals.length > 0) return {};
  return { safety: { at, kind, way, warnings, mustStayEnabled, selectedBy, readersKnown, deleted: [...deleted] } };
}

function notedSafety({ plan }: Item, now: number): Safety | undefined {
  const noted = Noted.safeParse(plan);
  if (!noted.success) return undefined;
  const { at, selectedBy, readersKnown, deleted, ...judgement } = noted.data.safety;
  if (now - at > KEPT_MS || now < at) return undefined;
  return { judgement: { ...judgement, refusals: [] }, selectedBy, readersKnown, deleted, incomplete: false };
}

/** The same for an item of a deployment: its vaults are asked about together, once for all of them. */
export async function safetyOfRun(service: ServiceContext, run: Run): Promise<Safety> {
  const noted = notedSafety(run.item, service.now().getTime());
  if (noted) return noted;
  const kept = keptFor.get(service.db) ?? new Map<string, Kept>();
  keptFor.set(service.db, kept);
  const now = service.now().getTime();
  for (const [id, { at }] of kept) if (now - at > KEPT_MS || now < at) kept.delete(id);
  const { id } = run.deployment;
  const facts = kept.get(id)?.facts ?? forAll(() => gatherFor(service, run));
  kept.set(id, kept.get(id) ?? { facts, at: now });
  try {
    const known = await outsideSlot(() => facts);
    const safety = judgedFor(known.get(run.vaultId), run.vaultId, wishOf(run));
    // Whoever comes next asks anew; what somebody else has asked anew already stays.
    if (safety.incomplete && kept.get(id)?.facts === facts) kept.delete(id);
    return safety;
  } catch (error) {
    if (kept.get(id)?.facts === facts) kept.delete(id);
    throw error;
  }
}

async function gatherFor(service: ServiceContext, run: Run): Promise<ReadonlyMap<VaultId, SafetyFacts>> {
  const rows = await service.db
    .selectFrom("deployment_item")
    .select(["id", "vault_id", "kind", "count"])
    .where("deployment_id", "=", run.deployment.id)
    .where("state", "in", ["queued", "running"])
    .execute();
  const waiting = rows.flatMap(({ id, vault_id, kind, count }) => {
    const vaultId = parseVaultId(vault_id);
    return vaultId && kind && count ? [{ id, vaultId, kind, count }] : [];
  });
  const facts = await gatherSafety(service, [...new Set([run.vaultId, ...waiting.map(({ vaultId }) => vaultId)])]);
  const at = service.now().getTime();
  const notes = waiting.map(({ id, vaultId, kind, count }) => {
    const wish = wishOf({ deployment: run.deployment, kind, count });
    return { id, note: noteOf(judgedFor(facts.get(vaultId), vaultId, wish), at) };
  });
  const ids = itemsInOrder(service.db).where("deployment_id", "=", run.deployment.id);
  await sql`
    update deployment_item set plan = plan || noted.note
    from json_to_recordset(${JSON.stringify(notes)}::text::json) noted (id text, note jsonb)
    where deployment_item.id = noted.id and deployment_item.id in (${ids})`.execute(service.db);
  return facts;
}

/** What was accepted when the deployment was asked for is kept with its request. */
const Accepted = z.object({ acceptUnknownReaders: z.boolean().default(false) });

function wishOf({ deployment, kind, count }: Pick<Run, "deployment" | "kind" | "count">): PlantingWish {
  const accepted = Accepted.safeParse(deployment.request);
  return { kind, count, acceptUnknownReaders: accepted.success && accepted.data.acceptUnknownReaders };
}

/** What the facts of a vault say about a wish. */
export function judgedFor(facts: SafetyFacts | undefined, vaultId: VaultId, wish: PlantingWish): Safety {
  const nothing = { known: false, why: "Nothing was said about this vault." } as const;
  const said = facts ?? { vaultId, vault: nothing, readers: nothing, objections: nothing };
  return {
    judgement: judgePlanting(said, wish),
    selectedBy: selectedPrefixes(said),
    readersKnown: readersKnown(said),
    deleted: deletedLately(said),
    incomplete: !said.vault.known || !said.readers.known || !said.objections.known,
  };
}

/** The reasons as sentences, each with what to do. */
export function sentencesOf({ refusals }: Pick<Judgement, "refusals">): string[] {
  return refusals.map(({ sentence, fix }) => `${sentence} ${fix}`);
}
