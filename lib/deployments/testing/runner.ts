import { writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { parseVaultId } from "@/lib/azure/resource-id.pure";
import { httpClientFor } from "@/lib/azure/transport";
import { loadConfig, type ServiceIdentity } from "@/lib/config";
import type { AzureAccess, ServiceContext } from "@/lib/context";
import { jobQueue, startJobs } from "@/lib/store/jobs";
import { openStore, type Store } from "@/lib/store/open";
// The process that a test kills is put together here, as lib/runtime.ts does it for the product.
import { identityCredential } from "../../auth/identities";
import { deploymentJobs } from "../jobs";
import { DecoyKind } from "../plan.pure";
import { recordDeployment } from "../start";
import type { Progress } from "./crew";

/*
 * Plants in one vault with the product's own store, queue and clients, and prints how it ended as one line of JSON.
 * Started again on the same store it goes on with what it finds there, and says now and then how far it is. Nothing in
 * it knows that it is being killed.
 */

const TELL_MS = 400;

async function main(): Promise<void> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    options: { vault: text, kind: text, count: text, oid: text, poll: text, settle: text },
  });
  const configured = loadConfig();
  const timing = {
    ...configured.timing,
    poll: Number(values.poll ?? configured.timing.poll),
    ambiguousWriteSettle: Number(values.settle ?? configured.timing.ambiguousWriteSettle),
  };
  const config = { ...configured, timing };
  const store = await openStore(config);
  const httpClient = httpClientFor(config);
  const access = (name: ServiceIdentity): AzureAccess => ({
    credential: identityCredential(config, name),
    httpClient,
    cloud: config.cloud,
    outbound: config.outbound,
  });
  const azure: ServiceContext["azure"] = {
    collector: access("collector"),
    registrar: access("registrar"),
    planter: access("planter"),
    granter: access("granter"),
    drill: access("drill"),
  };
  const service: ServiceContext = { config, db: store.db, jobs: jobQueue(store), azure, now: () => new Date() };
  const ended = () => store.db.selectFrom("deployment").selectAll().executeTakeFirst();
  if ((await ended()) === undefined) {
    const vaultId = parseVaultId(values.vault ?? "");
    if (!vaultId) throw new Error("--vault is not a vault's id.");
    const user = { tid: config.tenantId, oid: values.oid ?? "", name: "Kim Owner" };
    const request = { kind: DecoyKind.parse(values.kind), count: Number(values.count ?? "1") };
    await recordDeployment(service, user, vaultId, request);
  }
  await startJobs(store, await deploymentJobs(service, store));
  for (let told = 0; ; ) {
    const deployment = await ended();
    if (Date.now() - told >= TELL_MS) {
      told = Date.now();
      writeSync(1, `${JSON.stringify(await progressOf(store, store.life.worker))}\n`);
    }
    if (deployment?.ended_at) {
      const items = await store.db.selectFrom("deployment_item").select(["state", "problem"]).execute();
      writeSync(1, `${JSON.stringify({ state: deployment.state, problem: items[0]?.problem ?? null })}\n`);
      process.exit(0);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** How far the deployment is, in steps of all its vaults, and how many vaults this process has in hand. */
async function progressOf({ db }: Pick<Store, "db">, worker: string): Promise<Progress> {
  const [steps, inHand] = await Promise.all([
    db
      .selectFrom("deployment_step")
      .select(({ fn }) => fn.countAll<string>().as("count"))
      .where("state", "in", ["done", "skipped"])
      .executeTakeFirstOrThrow(),
    db
      .selectFrom("deployment_item")
      .select(({ fn }) => fn.countAll<string>().as("count"))
      .where("state", "=", "running")
      .where("claim", "like", `%.${worker}`)
      .executeTakeFirstOrThrow(),
  ]);
  return { worker, steps: Number(steps.count), inHand: Number(inHand.count) };
}

void main();
