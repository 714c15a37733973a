import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { cleanEnvironment } from "@/e2e/harness/product";
import { collectAll } from "@/lib/coverage/testing/collect-all";
import { startTenant } from "@/lib/coverage/testing/tenant";
import { openStore } from "@/lib/store/open";
import { startDeployment } from "../control";
import { FleetRequest } from "../fleet.pure";
import { recordPlan } from "../plan";
import { readDeployment } from "../read";
import { bundleRunner } from "./bundle-runner";
import { estateOf, type Leftovers, leftoversOf } from "./estate";

export interface KillFleet {
  vaults: number;
  /** SIGKILLs of the process that carries the deployment, each at a random moment of its life. */
  kills: number;
  /** Milliseconds that a process lives at least and at most before it is killed. */
  lives: readonly [number, number];
  /** Options of the simulated tenant beside its size. */
  simulator: readonly string[];
  random: () => number;
}

export interface KillFleetResult extends Leftovers {
  killed: number;
  planned: number;
  /** Vaults by how they ended, as the product itself says. */
  ended: Record<string, number>;
  /** Vaults that were planned and got nothing, though nothing was said against it. */
  lost: number;
}

const PATIENCE_MS = 15 * 60_000;

/**
 * Plans a deployment to every vault of a simulated tenant, has it carried by a process that is killed again and again,
 * lets the last one finish, and compares the tenant's own vaults, register and rights with what they were.
 */
export async function killFleet({ vaults, kills, lives, simulator, random }: KillFleet): Promise<KillFleetResult> {
  const tenant = await startTenant("--vaults", String(vaults), ...simulator);
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
    await tenant.service.db.updateTable("deployment").set({ approval: "not_needed" }).where("id", "=", id).execute();
    const before = await estateOf(tenant);
    await startDeployment(admin, { id, ...(view.confirmByTyping !== null && { typed: view.confirmByTyping }) });
    const environment = await tenant.handOver();
    const killed = await killAgainAndAgain({ program, environment, kills, lives, random });
    const store = await openStore(tenant.service.config);
    const items = await store.db.selectFrom("deployment_item").select(["state", "vault_id"]).execute();
    await store.close();
    const ended: Record<string, number> = {};
    for (const { state } of items) ended[state] = (ended[state] ?? 0) + 1;
    const left = leftoversOf(before, await estateOf(tenant));
    const planted = new Set(left.planted);
    // A vault that failed said why; one that says that it is done, or still open, must have its honeytoken.
    const owed = items.filter(({ state }) => ["done", "needs_person", "queued", "running"].includes(state));
    const lost = owed.filter((item) => !planted.has(item.vault_id)).length;
    return { ...left, killed, planned: view.counts.planned, ended, lost };
  } finally {
    await tenant.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Killing extends Pick<KillFleet, "kills" | "lives" | "random"> {
  program: string;
  environment: Record<string, string>;
}

async function killAgainAndAgain({ program, environment, kills, lives, random }: Killing): Promise<number> {
  const [least, most] = lives;
  for (let killed = 0; killed < kills; killed++) {
    const ended = await runOnce(program, environment, least + random() * (most - least));
    if (ended) return killed;
  }
  const ended = await runOnce(program, environment, PATIENCE_MS);
  if (!ended) throw new Error("The deployment did not end.");
  return kills;
}

const Ending = z.object({ state: z.string() });

/** Runs one process; true when it carried the deployment to its end, false when it was killed. */
async function runOnce(program: string, environment: Record<string, string>, lifeMs: number): Promise<boolean> {
  // The database's code is optimised later: these processes live for seconds.
  const child = spawn(process.execPath, ["--liftoff-only", program, "--poll", "200", "--settle", "600"], {
    env: { ...cleanEnvironment(), ...environment, LOG_LEVEL: "error" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (text: Buffer) => {
    output += text.toString();
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), lifeMs);
  await new Promise((resolve) => child.once("close", resolve));
  clearTimeout(timer);
  const line = output.split("\n").find((text) => text.startsWith('{"state"'));
  return line !== undefined && Ending.safeParse(JSON.parse(line)).success;
}
