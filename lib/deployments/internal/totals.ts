import "server-only";
import { sql } from "kysely";
import type { ServiceContext } from "@/lib/context";
import { leastTime } from "../least-time.pure";
import { ItemPlan, type PlanTotals } from "../views.pure";
import type { Deployment } from "./visible";

/** What the plan of a deployment comes to, from what stands in the ledger. */
export async function planTotals(
  { db, config }: Pick<ServiceContext, "db" | "config">,
  { id, operation }: Pick<Deployment, "id" | "operation">,
): Promise<PlanTotals> {
  const groups = await db
    .selectFrom("deployment_item")
    .select([
      "state",
      "kind",
      "plan",
      sql<string>`count(*)`.as("vaults"),
      sql<string>`coalesce(sum(count), 0)`.as("decoys"),
    ])
    .where("deployment_id", "=", id)
    .groupBy(["state", "kind", "plan"])
    .execute();
  const totals: PlanTotals = {
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
  for (const group of groups) {
    const plan = ItemPlan.safeParse(group.plan).data;
    const vaults = Number(group.vaults);
    if (!plan) continue;
    if (group.state === "blocked" || group.state === "skipped") {
      add(group.state, plan.reasons, vaults);
      continue;
    }
    add("warnings", plan.warnings, vaults);
    totals[group.kind === "key" ? "keys" : "secrets"] += Number(group.decoys);
    totals.grants[plan.grant] += vaults;
  }
  for (const key of ["blocked", "skipped", "warnings"] as const) {
    totals[key] = [...sentences[key]]
      .map(([sentence, vaults]) => ({ sentence, vaults }))
      .sort((a, b) => b.vaults - a.vaults || a.sentence.localeCompare(b.sentence));
  }
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
  return { ...totals, ...least };
}
