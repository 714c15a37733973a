import "server-only";
import { sql } from "kysely";
import type { ServiceContext } from "@/lib/context";
import { leastTime } from "../least-time.pure";
import { ItemPlan, type PlanTotals } from "../views.pure";
import type { Deployment } from "./visible";

/** Without what each vault has of its own. */
const PLAN = sql<Record<string, unknown>>`plan - 'safety'`;

/** What the plan of a deployment comes to, from what stands in the ledger. `all` = it leaves out no vault. */
export async function planTotals(
  { db, config }: Pick<ServiceContext, "db" | "config">,
  { id, operation }: Pick<Deployment, "id" | "operation">,
  all: boolean,
): Promise<PlanTotals> {
  const groups = await db
    .selectFrom("deployment_item")
    .select([
      "state",
      "kind",
      PLAN.as("plan"),
      sql<string>`count(*)`.as("vaults"),
      sql<string>`coalesce(sum(count), 0)`.as("decoys"),
    ])
    .where("deployment_id", "=", id)
    .groupBy(["state", "kind", PLAN])
    .execute();
  const totals: PlanTotals = {
    all,
    secrets: 0,
    keys: 0,
    grants: { none: 0, vault_role: 0, group_role: 0, policy: 0 },
    groupAssignments: 0,
    blocked: [],
    skipped: [],
    warnings: [],
    secondsAtLeast: 0,
    limits: [],
  };
  const sentences = {
    blocked: new Map<string, number>(),
    skipped: new Map<string, number>(),
    warnings: new Map<string, number>(),
  };
  const add = (to: keyof typeof sentences, texts: readonly string[], vaults: number): void => {
    for (const text of texts) sentences[to].set(text, (sentences[to].get(text) ?? 0) + vaults);
  };
  let byArm = 0;
  for (const group of groups) {
    const plan = ItemPlan.safeParse(group.plan).data;
    const vaults = Number(group.vaults);
    if (!plan) continue;
    if (group.state === "blocked" || group.state === "skipped") {
      add(group.state, plan.reasons, vaults);
      continue;
    }
    add("warnings", plan.warnings, vaults);
    // What is removed may be of both kinds; what is planted in one vault is of one.
    if (operation === "retire" && plan.removes) {
      totals.secrets += plan.removes.secrets * vaults;
      totals.keys += plan.removes.keys * vaults;
    } else totals[group.kind === "key" ? "keys" : "secrets"] += Number(group.decoys);
    if (plan.way === "arm_key") byArm += Number(group.decoys);
    totals.grants[plan.grant] += vaults;
  }
  for (const key of ["blocked", "skipped", "warnings"] as const) totals[key] = mostFrequent(sentences[key]);
  const places = await db
    .selectFrom("deployment_item")
    .select(["vault_id", "plan", "count", "kind"])
    .where("deployment_id", "=", id)
    .where("state", "not in", ["blocked", "skipped"])
    .execute();
  const least = leastTime(
    operation,
    config.timing,
    places.map((place) => ({
      vaultId: place.vault_id,
      decoys: place.count ?? 0,
      kind: place.kind,
      grant: ItemPlan.safeParse(place.plan).data?.grant ?? "none",
    })),
  );
  return { ...totals, ...(byArm > 0 && { keysByArm: byArm }), ...least };
}

/** A sentence that names an application is another one for each: of thousands nobody reads more than these. */
const SENTENCES_MAX = 40;

/** The most frequent sentences first, the rest as one that leads to the list of vaults. */
export function mostFrequent(sentences: ReadonlyMap<string, number>): PlanTotals["warnings"] {
  const all = [...sentences]
    .map(([sentence, vaults]) => ({ sentence, vaults }))
    .sort((a, b) => b.vaults - a.vaults || a.sentence.localeCompare(b.sentence));
  const rest = all.slice(SENTENCES_MAX);
  if (rest.length === 0) return all;
  const vaults = rest.reduce((sum, one) => sum + one.vaults, 0);
  const sentence = `For ${rest.length} more reasons, each of few vaults: the list of vaults and the export have them.`;
  return [...all.slice(0, SENTENCES_MAX), { sentence, vaults }];
}
