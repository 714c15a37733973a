import { expect, vi } from "vitest";
import type { UserContext } from "@/lib/context";
import { collectAll } from "@/lib/coverage/testing/collect-all";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { jobQueue, startJobs } from "@/lib/store/jobs";
import { FleetRequest } from "../fleet.pure";
import { deploymentJobs } from "../jobs";
import { recordPlan } from "../plan";
import { readDeployment } from "../read";
import type { DeploymentState, DeploymentView } from "../views.pure";

/** The product at work in this process on a simulated tenant of its own, whose vaults are all collected. */
export interface TestFleet {
  tenant: TestTenant;
  admin: UserContext;
  stop(): Promise<void>;
}

/** Starts a tenant with so many vaults and the product's jobs on it; `simulator` are options of the tenant. */
export async function startFleet(vaults: number, ...simulator: string[]): Promise<TestFleet> {
  const tenant = await startTenant("--vaults", String(vaults), ...simulator);
  try {
    Object.assign(tenant.service, { jobs: jobQueue(tenant.store) });
    await collectAll(tenant.service, vaults);
    const admin = await tenant.as("Administrator");
    const jobs = await startJobs(tenant.store, await deploymentJobs(tenant.service, tenant.store));
    const stop = async () => {
      await jobs.stop();
      await tenant.stop();
    };
    return { tenant, admin, stop };
  } catch (error) {
    await tenant.stop();
    throw error;
  }
}

/** States in which a deployment has ended. */
export const OVER = ["done", "failed", "needs_person", "cancelled"] as const;

/** Reads a deployment until it is in one of the states, as this person sees it. */
export async function until(ctx: UserContext, id: string, ...states: DeploymentState[]): Promise<DeploymentView> {
  return vi.waitFor(
    async () => {
      const view = await readDeployment(ctx, id);
      expect(states).toContain(view.state);
      return view;
    },
    { timeout: 200_000, interval: 200 },
  );
}

/** Has a plan made, of planting in every vault unless said otherwise, and waits for it. */
export async function plan(ctx: UserContext, request: Partial<FleetRequest> = {}): Promise<DeploymentView> {
  const wanted = FleetRequest.parse({ operation: "plant", selection: { by: "all" }, ...request });
  const { id } = await recordPlan(ctx, wanted);
  return until(ctx, id, "planned", "failed");
}
