import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { collectAll } from "@/lib/coverage/testing/collect-all";
import { startTenantOn } from "@/lib/coverage/testing/tenant";
import { openStore } from "@/lib/store/open";
import { startDeployment } from "../control";
import { FleetRequest } from "../fleet.pure";
import { recordPlan } from "../plan";
import { stepsOf } from "../plan.pure";
import { readDeployment } from "../read";
import { bundleRunner } from "./bundle-runner";
import { estateOf, type Leftovers, leftoversOf } from "./estate";
import { type KillCrew, killAgainAndAgain } from "./kill-crew";

export interface Fleet {
  vaults: number;
  /** Options of the simulated tenant beside its size. */
  simulator: readonly string[];
  /** A database of its own for several processes; without it an embedded store for one. */
  databaseUrl?: string;
}

export interface FleetResult extends Leftovers {
  planned: number;
  /** Vaults by how they ended, as the product itself says. */
  ended: Record<string, number>;
  /** Vaults that ended otherwise than done, by state and what is said of them: `needs_person: The audit log …`. */
  problems: Record<string, number>;
  /** Vaults that were planned and got nothing, though nothing was said against it. */
  lost: number;
}

/** What processes need to carry the deployment: their program and environment, and how many steps it has in all. */
type Carried = Pick<KillCrew, "program" | "environment" | "steps">;

/**
 * Plans a deployment to every vault of a simulated tenant, has it carried by processes of which one after the other is
 * killed, lets the last ones finish, and compares the tenant's own vaults, register and rights with what they were.
 */
export function killFleet(
  fleet: Fleet,
  killing: Omit<KillCrew, keyof Carried>,
): Promise<FleetResult & { killed: number; atWork: number }> {
  return fleetAftermath(fleet, (carried) => {
    killing.say?.(`A deployment of ${carried.steps} steps begins.`);
    return killAgainAndAgain({ ...killing, ...carried });
  });
}

/** The same with whatever `carry` does to the processes that carry the deployment; when it returns, that has ended. */
export async function fleetAftermath<T extends object>(
  { vaults, simulator, databaseUrl }: Fleet,
  carry: (carried: Carried) => Promise<T>,
): Promise<FleetResult & T> {
  const tenant = await startTenantOn(databaseUrl, "--vaults", String(vaults), ...simulator);
  // Inside the project, whose packages the runner loads.
  mkdirSync(".test-data", { recursive: true });
  const folder = mkdtempSync(path.resolve(".test-data", "kill-fleet-"));
  try {
    const program = path.join(folder, "runner.mjs");
    await Promise.all([bundleRunner(program), collectAll(tenant.service, vaults)]);
    const admin = await tenant.as("Administrator");
    const { id } = await recordPlan(
      admin,
      FleetRequest.parse({ operation: "plant", selection: { by: "all" }, addToExisting: true }),
    );
    let view = await readDeployment(admin, id);
    while (view.state === "planning") {
      await pause(200);
      view = await readDeployment(admin, id);
    }
    // One person may do this alone here: approval has a test of its own.
    await tenant.service.db.updateTable("deployment").set({ approval: "given" }).where("id", "=", id).execute();
    const before = await estateOf(tenant);
    await startDeployment(admin, { id, ...(view.confirmByTyping !== null && { typed: view.confirmByTyping }) });
    const environment = await tenant.handOver();
    const { planned } = view.counts;
    const carried = await carry({ program, environment, steps: planned * stepsOf("plant").length });
    const store = await openStore(tenant.service.config);
    const items = await store.db.selectFrom("deployment_item").select(["state", "vault_id", "problem"]).execute();
    await store.close();
    const ended: Record<string, number> = {};
    for (const { state } of items) ended[state] = (ended[state] ?? 0) + 1;
    const left = leftoversOf(before, await estateOf(tenant));
    const planted = new Set(left.planted);
    // A vault that failed said why; one that says that it is done, or still open, must have its honeytoken.
    const owed = items.filter(({ state }) => ["done", "needs_person", "queued", "running"].includes(state));
    const lost = owed.filter((item) => !planted.has(item.vault_id)).length;
    const problems: Record<string, number> = {};
    for (const { state, problem } of items) {
      if (problem === null) continue;
      const said = `${state}: ${problem}`;
      problems[said] = (problems[said] ?? 0) + 1;
    }
    return { ...carried, ...left, planned, ended, problems, lost };
  } finally {
    await tenant.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
