import { normaliseId } from "@/lib/azure/resource-id.pure";
import type { Random } from "@/lib/decoys/random";
import { burstCases, lengthOf, type ReplayCase, touchCases } from "./cases";
import { type Decoy, decoysIn, olderRow, publishedRow } from "./decoys";
import { type EverydayTouch, touchesIn } from "./judge";
import { ownCases } from "./own-cases";
import type { ReplayTenant } from "./tenant";

const MINUTE = 60_000;
/** Vaults that the cases happen in, and decoys in each: 200 together. */
const VAULTS = 20;
const DECOYS_EACH = 10;
/** Vaults that one caller goes through in a minute, where the tenant has so many beside those of the cases. */
const SWEPT = 200;
/** What Azure documents as the longest time until rules see a changed register is 5 minutes. */
const REGISTER_MS = 12 * MINUTE;

/** What was replayed. */
export interface Played {
  /** Touches, and what only looks like one. */
  cases: ReplayCase[];
  /** Two hundred decoys within a minute, ten in each of twenty vaults. */
  burst: ReplayCase[];
  /** One decoy in each of up to two hundred vaults within a minute: more vaults than one run has alerts for. */
  sweep: ReplayCase[];
  /** The product's own work. */
  own: ReplayCase[];
}

/** Publishes decoys in twenty vaults, lets every case happen, and moves the clock until the last row was seen by a rule. */
export async function playCases(tenant: ReplayTenant, random: Random): Promise<Played> {
  const all = await tenant.vaults();
  const vaults = all.slice(0, VAULTS);
  const [first] = vaults;
  if (!first || vaults.length < VAULTS) throw new Error(`The cases need ${VAULTS} vaults.`);
  const decoys = vaults.flatMap((vault) => decoysIn(vault, DECOYS_EACH));
  const swept = all.slice(VAULTS, VAULTS + SWEPT).flatMap((vault) => decoysIn(vault, 1));
  const ours = own(first);
  const start = tenant.now() + REGISTER_MS;
  const work = ownCases(ours, start, tenant.planterOid);
  // A quarter of the rows has the form of the earlier tool.
  const rows = [...decoys, ...swept].map((decoy, place) => (place % 4 === 3 ? olderRow(decoy) : publishedRow(decoy)));
  await tenant.publish([...rows, ...work.register]);
  await tenant.advance(REGISTER_MS);
  const cases = touchCases(decoys, start, random);
  const burst = burstCases(decoys, start + lengthOf(cases), "198.18.255.254");
  const sweep = burstCases(swept, start + lengthOf(cases) + 10 * MINUTE, "198.18.255.253");
  await tenant.write([...cases, ...burst, ...sweep, ...work.cases].flatMap((one) => one.rows));
  await tenant.advance(lengthOf(cases) + 30 * MINUTE);
  return { cases, burst, sweep, own: work.cases };
}

function own(vault: { id: string; name: string }): Record<"planted" | "retired" | "read", Decoy[]> {
  const named = (suffix: string) => decoysIn(vault, 3).map((decoy) => ({ ...decoy, name: `${decoy.name}-${suffix}` }));
  return { planted: named("new"), retired: named("old"), read: named("read") };
}

/** What everyday traffic did to registered decoys of the whole estate since `since`, milliseconds since 1970. */
export async function everydayTouches(tenant: ReplayTenant, since: number): Promise<EverydayTouch[]> {
  const registered = new Map<string, Set<string>>();
  for (const row of await tenant.register()) {
    const id = normaliseId(row.ResourceId ?? "");
    const kind = /"(secret|key|certificate)"/.exec(row.Properties ?? "")?.[1] ?? "";
    const names = registered.get(id) ?? new Set();
    registered.set(id, names.add(`${kind}s/${row.HoneyToken}`.toLowerCase()));
  }
  // 198.18.0.0/15 is where the cases came from.
  return touchesIn(await tenant.log(), registered, since).filter(({ address }) => !/^198\.1[89]\./.test(address));
}
