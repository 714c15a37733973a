import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { pacedForArm } from "@/lib/azure/arm-pace";
import type { ServiceContext, UserContext } from "@/lib/context";
import { collectAll } from "@/lib/coverage/testing/collect-all";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { jobQueue, startJobs } from "@/lib/store/jobs";
// Put together here, as lib/runtime.ts does it for the product.
import { identityCredential } from "../../auth/identities";
import { startDeployment } from "../control";
import { FleetRequest } from "../fleet.pure";
import { exportDeployment } from "../items";
import { deploymentJobs } from "../jobs";
import { recordPlan } from "../plan";
import { readDeployment } from "../read";
import type { DeploymentExport, DeploymentView } from "../views.pure";

/*
 * A product in this process on a simulated tenant that is told to be faulty: its own store, queue, clients and
 * identities, so that a fault meets what it would meet in production.
 */

const Listed = z.object({
  name: z.string(),
  says: z.string(),
  fault: z.looseObject({ kind: z.string() }).optional(),
  delays: z.record(z.string(), z.number()).optional(),
  clockSkew: z.number().optional(),
});
/** One entry of the simulated tenant's own list of faults. */
export type ListedFault = z.infer<typeof Listed>;

const Requests = z.object({ operations: z.record(z.string(), z.number()) });
const Report = z.object({
  rules: z.array(
    z.object({
      name: z.string(),
      match: z.object({ operation: z.string() }),
      matched: z.number(),
      injected: z.number(),
    }),
  ),
  delays: z.record(z.string(), z.number()),
});

/** A rule as the tenant takes it. */
export interface Rule {
  name: string;
  match: { operation: string };
  fault: unknown;
  every?: number;
  times?: number;
}

/** What befalls the tenant from the confirmation of a deployment on. */
export interface Trouble {
  rules: readonly Rule[];
  delays?: Record<string, number>;
  clockSkew?: number;
}

/** How often a rule made its fault at an operation. */
export interface Made {
  name: string;
  operation: string;
  /** Requests that came to the rule; none where the deployment did not need the operation. */
  asked: number;
  injected: number;
}

export interface FaultyFleet {
  tenant: TestTenant;
  admin: UserContext;
  /** The tenant's list of faults. */
  list(): Promise<ListedFault[]>;
  /** What was asked for since the last reset, with how often: `arm GET /subscriptions/{}`. */
  operations(): Promise<Map<string, number>>;
  resetOperations(): Promise<void>;
  trouble(trouble: Trouble): Promise<void>;
  /** Ends all faults. @returns how often each rule made one */
  peace(): Promise<Made[]>;
  /** Values that were sent to be written into vaults, which must be found nowhere. */
  values: Set<string>;
  stop(): Promise<void>;
}

/** One request takes less time than it takes an unanswered write to count as not made, as in production. */
const TIMING = { requestTimeout: 6_000, ambiguousWriteSettle: 8_000, rowsAwaitedFor: 40_000 };

/** Starts a tenant with so many vaults and the product on it. */
export async function startFaultyFleet(vaults: number, ...simulator: string[]): Promise<FaultyFleet> {
  const tenant = await startTenant("--vaults", String(vaults), ...simulator);
  try {
    return await productOn(tenant, vaults);
  } catch (error) {
    await tenant.stop();
    throw error;
  }
}

async function productOn(tenant: TestTenant, vaults: number): Promise<FaultyFleet> {
  const { service, store, variables, url } = tenant;
  // The managed identity's client of the SDK reads these two from the process itself.
  const { IDENTITY_ENDPOINT, IDENTITY_HEADER } = variables;
  Object.assign(process.env, { IDENTITY_ENDPOINT, IDENTITY_HEADER });
  const values = new Set<string>();
  putOwnIdentities(service, values);
  Object.assign(service, { jobs: jobQueue(store) });
  Object.assign(service.config.timing, TIMING);
  await collectAll(service, vaults);
  const admin = await tenant.as("Administrator");
  const { stop } = await startJobs(store, await deploymentJobs(service, store));
  const control = async (method: string, path: string, body?: unknown): Promise<string> => {
    const answer = await fetch(`${url}/sim/${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`The simulated tenant refused ${method} ${path}: ${await answer.text()}`);
    return answer.text();
  };
  const { delays: usual } = Report.parse(JSON.parse(await control("GET", "faults")));
  let changed: string[] = [];
  return {
    tenant,
    admin,
    values,
    list: async () =>
      z.object({ faults: z.array(Listed).min(1) }).parse(JSON.parse(await control("GET", "faults/list"))).faults,
    operations: async () => {
      const { operations } = Requests.parse(JSON.parse(await control("GET", "requests")));
      return new Map(Object.entries(operations).filter(([name]) => !name.startsWith("control ")));
    },
    resetOperations: async () => {
      await control("POST", "requests/reset");
    },
    trouble: async (trouble) => {
      changed = Object.keys(trouble.delays ?? {});
      await control("PUT", "faults", trouble);
    },
    peace: async () => {
      const report = Report.parse(JSON.parse(await control("GET", "faults")));
      const delays = Object.fromEntries(changed.map((name) => [name, usual[name]]));
      await control("PUT", "faults", { rules: [], delays, clockSkew: 0 });
      return report.rules.map(({ name, match, matched, injected }) => {
        return { name, operation: match.operation, asked: matched, injected };
      });
    },
    stop: async () => {
      await stop();
      await tenant.stop();
    },
  };
}

const Written = z.object({ value: z.string().min(1) });

/** The identities as in production, each on a paced wire of its own that remembers the values it carries. */
function putOwnIdentities({ azure, config }: ServiceContext, values: Set<string>): void {
  for (const name of ["collector", "registrar", "planter", "granter", "drill"] as const) {
    const access = azure[name];
    const httpClient = pacedForArm(access.httpClient, config.cloud);
    access.credential = identityCredential(config, name);
    access.httpClient = {
      sendRequest: (request) => {
        if (request.method === "PUT" && /\.vault\./.test(request.url) && typeof request.body === "string") {
          const sent = Written.safeParse(JSON.parse(request.body));
          if (sent.success) values.add(sent.data.value);
        }
        return httpClient.sendRequest(request);
      },
    };
  }
}

/** Plans with a tenant that is well; an approval by a second person is taken as given, which has tests of its own. */
export async function planInPeace(fleet: FaultyFleet, request: Partial<FleetRequest>): Promise<DeploymentView> {
  const { admin } = fleet;
  const { id, state, problem } = await tryToPlan(fleet, request);
  if (state !== "planned") throw new Error(`The plan ended as ${state}: ${problem}`);
  await admin.db.updateTable("deployment").set({ approval: "given" }).where("id", "=", id).execute();
  return readDeployment(admin, id);
}

/** Plans, however the tenant is. @returns as what it ended, and what it says where it was not made */
export async function tryToPlan(
  { admin }: FaultyFleet,
  request: Partial<FleetRequest>,
): Promise<{ id: string; state: string; problem: string | null }> {
  const wanted = FleetRequest.parse({ operation: "plant", selection: { by: "all" }, ...request });
  const { id } = await recordPlan(admin, wanted);
  const read = () =>
    admin.db.selectFrom("deployment").select(["id", "state", "problem"]).where("id", "=", id).executeTakeFirstOrThrow();
  let plan = await read();
  while (plan.state === "planning") {
    await pause(100);
    plan = await read();
  }
  return plan;
}

export interface Carried {
  view: DeploymentView;
  rows: DeploymentExport["rows"];
  seconds: number;
}

/** Starts a planned deployment and waits for its end, or for `patienceMs`. */
export async function carryOut(fleet: FaultyFleet, plan: DeploymentView, patienceMs: number): Promise<Carried> {
  const { admin } = fleet;
  const { id, confirmByTyping } = plan;
  const started = performance.now();
  await startDeployment(admin, { id, ...(confirmByTyping !== null && { typed: confirmByTyping }) });
  let view = await readDeployment(admin, id);
  while (view.endedAt === null && performance.now() - started < patienceMs) {
    await pause(200);
    view = await readDeployment(admin, id);
  }
  const { rows } = await exportDeployment(admin, id);
  return { view, rows, seconds: (performance.now() - started) / 1_000 };
}
