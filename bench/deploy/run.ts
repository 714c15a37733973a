import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { sql } from "kysely";
import { VaultIdText } from "@/lib/azure/vault-id-schema.pure";
import { collectAll } from "@/lib/coverage/testing/collect-all";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { startDeployment } from "@/lib/deployments/control";
import { FleetRequest } from "@/lib/deployments/fleet.pure";
import { type LeastTime, leastTime } from "@/lib/deployments/least-time.pure";
import { recordPlan } from "@/lib/deployments/plan";
import { readDeployment } from "@/lib/deployments/read";
import { type Estate, estateOf, leftoversOf } from "@/lib/deployments/testing/estate";
import { type DeploymentView, ItemPlan } from "@/lib/deployments/views.pure";
import { openStore } from "@/lib/store/open";
import { printDeploy } from "./figures";
import { PLAIN_NAME, plainScript } from "./plain";
import { buildProduct, watchProduct } from "./product";

const AT_ONCE = 64;

/**
 * `npm run bench -- deploy [--vaults 10000] [--subscriptions 50] [--sample 65] [--json]`: one honeytoken to every vault of
 * a simulated tenant that throttles and lags as Azure documents it, by the product's own web process, beside the least
 * time that these limits allow and beside two plain scripts on a sample. The lags can be shortened as the simulated
 * tenant's (`--delay-grant`, `--delay-watchlist`, `--delay-ingestion`): they are waited for on every side. Fails when a
 * honeytoken is lost or there twice in the simulated vaults.
 */
export async function deployBench(args: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: {
      vaults: { type: "string", default: "10000" },
      subscriptions: { type: "string", default: "" },
      sample: { type: "string", default: String(AT_ONCE + 1) },
      "delay-grant": { type: "string", default: "600000" },
      "delay-watchlist": { type: "string", default: "300000" },
      "delay-ingestion": { type: "string", default: "180000-600000" },
      json: { type: "boolean", default: false },
    },
  });
  const vaults = Number(values.vaults);
  const sample = Math.min(vaults, Math.max(2, Number(values.sample)));
  await buildProduct();
  const tenant = await startTenant(
    ...["--open-estate", "--vaults", String(vaults)],
    ...(values.subscriptions === "" ? [] : ["--subscriptions", values.subscriptions]),
    ...["--delay-grant", values["delay-grant"], "--delay-watchlist", values["delay-watchlist"]],
    ...["--delay-ingestion", values["delay-ingestion"]],
    // Rules that run every five seconds, as in short tests, would be most of what the tenant does.
    ...["--delay-nrt-cadence", "60000", "--delay-nrt", "120000", "--delay-scheduled", "300000"],
  );
  try {
    console.log(`The simulated tenant has ${vaults} vaults; collecting what is known of them.`);
    await collectAll(tenant.service, vaults);
    const planning = performance.now();
    const view = await planForAll(tenant);
    const planSeconds = (performance.now() - planning) / 1_000;
    const before = await estateOf(tenant);
    const ids = before.vaults.slice(0, sample).map(({ id }) => VaultIdText.parse(id));
    const bound = await boundOf(tenant, view.id);
    await confirm(tenant, view);
    console.log(`Planned and confirmed for ${view.counts.planned} vaults; the product begins.`);
    const variables = await tenant.handOver();
    const watched = await watchProduct(variables, view.id, () => tenant.tokenOf("Administrator"));
    const ended = await endOf(tenant, view.id);
    // Vaults of their own: in one vault both would have the same right, and the first would take it from the other.
    const alone = Math.max(1, Math.floor(sample / (AT_ONCE + 1)));
    const [few, many] = [ids.slice(0, alone), ids.slice(alone)];
    // Both wait for Azure nearly all the time, so they do not slow each other.
    const [sequential, parallel] = await Promise.all([
      plainScript(tenant.service, few, 1),
      plainScript(tenant.service, many, AT_ONCE),
    ]);
    const after = withoutPlain(await estateOf(tenant));
    const left = leftoversOf(before, after);
    const planted = new Set(left.planted);
    const owed = ended.items.filter(({ state }) => ["done", "needs_person", "queued", "running"].includes(state));
    const lost = owed.filter((item) => !planted.has(item.vault_id)).length;
    printDeploy({
      ...{ vaults, view, planSeconds, bound, watched, left, lost, json: values.json },
      writtenBy: ended.writtenBy,
      provenBy: ended.provenBy,
      timeline: ended.timeline,
      states: ended.items.map(({ state }) => state),
      problems: ended.items.flatMap(({ problem }) => problem ?? []),
      sequential: { seconds: sequential, vaults: few.length },
      parallel: { seconds: parallel, vaults: many.length },
    });
    return lost + left.duplicated === 0 && left.planted.length > 0;
  } finally {
    await tenant.stop();
  }
}

async function planForAll(tenant: TestTenant): Promise<DeploymentView> {
  const admin = await tenant.as("Administrator");
  const request = FleetRequest.parse({ operation: "plant", selection: { by: "all" }, count: 1 });
  const { id } = await recordPlan(admin, request);
  for (;;) {
    const view = await readDeployment(admin, id);
    if (view.state !== "planning") return view;
    await pause(200);
  }
}

/** Confirms it as the administrator; that another one has to approve has a test of its own. */
async function confirm(tenant: TestTenant, { id, confirmByTyping }: DeploymentView): Promise<void> {
  const { db } = tenant.service;
  await db.updateTable("deployment").set({ approval: "given" }).where("id", "=", id).execute();
  const typed = confirmByTyping === null ? {} : { typed: confirmByTyping };
  await startDeployment(await tenant.as("Administrator"), { id, ...typed });
}

async function boundOf(tenant: TestTenant, id: string): Promise<LeastTime> {
  const { db, config } = tenant.service;
  const items = await db
    .selectFrom("deployment_item")
    .select(["vault_id", "plan", "count", "kind"])
    .where("deployment_id", "=", id)
    .where("state", "not in", ["blocked", "skipped"])
    .execute();
  return leastTime(
    "plant",
    config.timing,
    items.map((item) => ({
      vaultId: item.vault_id,
      decoys: item.count ?? 0,
      kind: item.kind,
      grant: ItemPlan.parse(item.plan).grant,
    })),
  );
}

/** How the vaults ended and when, as the product's ledger says. */
async function endOf(tenant: TestTenant, id: string) {
  const store = await openStore(tenant.service.config);
  try {
    const [items, steps, grants, deployment, timeline] = await Promise.all([
      store.db
        .selectFrom("deployment_item")
        .select(["vault_id", "state", "problem"])
        .where("deployment_id", "=", id)
        .execute(),
      store.db
        .selectFrom("deployment_step")
        .select(({ fn }) => fn.max("ended_at").as("at"))
        .where("step", "in", ["plant", "confirm", "revoke", "publish"])
        .executeTakeFirst(),
      store.db
        .selectFrom("deployment_grant")
        .select(({ fn }) => fn.max("updated_at").as("at"))
        .executeTakeFirst(),
      store.db.selectFrom("deployment").select("ended_at").where("id", "=", id).executeTakeFirst(),
      store.db
        .selectFrom("deployment_step")
        .select([
          "step",
          sql<Date>`percentile_disc(0.5) within group (order by ended_at)`.as("half"),
          sql<Date>`max(ended_at)`.as("last"),
        ])
        .where("ended_at", "is not", null)
        .groupBy("step")
        .orderBy("half")
        .execute(),
    ]);
    const time = (at: Date | null | undefined): number => at?.getTime() ?? Number.NaN;
    return {
      items,
      timeline,
      writtenBy: Math.max(time(steps?.at), time(grants?.at)),
      provenBy: time(deployment?.ended_at),
    };
  } finally {
    await store.close();
  }
}

function withoutPlain(estate: Estate): Estate {
  return { ...estate, objects: estate.objects.filter(({ name }) => !PLAIN_NAME.test(name)) };
}
