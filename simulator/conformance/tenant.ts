import type { TokenCredential } from "@azure/core-auth";
import { allChores } from "../chores";
import type { Context } from "../context";
import { FAST_DELAYS } from "../delays";
import { signAppToken } from "../entra/token";
import type { Principal } from "../model";
import { allServices } from "../services";
import { startTenant } from "../tenant";
import { credentialOf } from "./wire";

/** A simulated tenant of the program's own, with a caller who may do everything and a clock that is moved by hand. */
export interface ConformanceTenant {
  url: string;
  context: Context;
  credential: TokenCredential;
  /** Moves the clock; answers when everything that fell due meanwhile is done. */
  advance(milliseconds: number): Promise<void>;
  stop(): Promise<void>;
}

/** Every run sees the same world: ids and names follow from the size, the seed and this moment. */
const FIRST_START = Date.UTC(2026, 10, 2, 9, 0, 0);
const VAULTS = 24;
/** Longer than the clock moves in any run. */
const TOKEN_SECONDS = 30 * 86_400;

const CALLER: Principal = {
  oid: "c0f0a11e-0000-4000-8000-000000000001",
  appId: "c0f0a11e-0000-4000-8000-000000000002",
  kind: "ServicePrincipal",
  name: "conformance",
  appRoles: [],
};
const ROLE = "c0f0a11e-0000-4000-8000-000000000003";
const ASSIGNMENT = "c0f0a11e-0000-4000-8000-000000000004";

/** Starts one on a free port. `onFault` is told about faults of the simulator itself. */
export async function conformanceTenant(onFault: (error: unknown) => void): Promise<ConformanceTenant> {
  const tenant = await startTenant({
    settings: {
      port: 0,
      seed: 1,
      vaults: VAULTS,
      appOrigin: "http://localhost:3000",
      delays: FAST_DELAYS,
      throttle: false,
      virtualClock: { start: FIRST_START },
    },
    services: allServices,
    chores: allChores,
    onFault,
  });
  const url = `http://127.0.0.1:${tenant.port}`;
  const { context } = tenant;
  addCaller(context);
  return {
    url,
    context,
    credential: credentialOf((audience) => signAppToken(context, CALLER, audience, TOKEN_SECONDS)),
    advance: async (milliseconds) => {
      const body = JSON.stringify({ milliseconds });
      const { ok, status } = await fetch(`${url}/sim/clock/advance`, { method: "POST", body });
      if (!ok) throw new Error(`The clock could not be moved: ${status}.`);
    },
    stop: tenant.stop,
  };
}

function addCaller({ model, identity }: Context): void {
  model.principals.put(CALLER.oid, CALLER);
  model.roleDefinitions.put(ROLE, {
    id: ROLE,
    name: "Everything",
    actions: ["*"],
    notActions: [],
    dataActions: ["*"],
    notDataActions: [],
    custom: true,
  });
  const id = `/providers/Microsoft.Authorization/roleAssignments/${ASSIGNMENT}`;
  model.roleAssignments.put(id, {
    id,
    name: ASSIGNMENT,
    scope: "/",
    principalId: CALLER.oid,
    principalType: "ServicePrincipal",
    roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${ROLE}`,
    // Long enough ago for the data plane to honour it.
    createdAt: identity.firstStart - 86_400_000,
    createdBy: CALLER.oid,
  });
}
