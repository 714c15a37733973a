import type { Context, TenantIdentity } from "../context";
import { tenantGuid } from "../identity";

/** The product's own identities; the names of the managed identities say nothing of what they are for. */
export const SERVICE_IDENTITY_NAMES = {
  collector: "id-platform-inventory",
  registrar: "id-platform-records",
  planter: "id-platform-provisioning",
  granter: "id-platform-access",
  drill: "id-platform-probe",
} as const;

export type ServiceIdentityName = keyof typeof SERVICE_IDENTITY_NAMES;

interface WorldIds {
  /** In order; the first holds the platform's own resource groups. */
  subscriptions: string[];
  personas: { owner: string; analyst: string; administrator: string };
  identities: Record<ServiceIdentityName, { clientId: string; objectId: string; resourceId: string }>;
  workspace: { resourceId: string; customerId: string };
  otherWorkspace: { resourceId: string; customerId: string };
  plantRoleId: string;
  retireRoleId: string;
  grantRoleId: string;
  /** Lets its holder point a diagnostic setting at the workspace, and nothing else. */
  logDeliveryRoleId: string;
  watchlistAlias: string;
}

const known = new WeakMap<TenantIdentity, WorldIds>();

/** The fixed ids of this tenant's world; a pure function of seed, size and first start. */
export function worldIds(context: Pick<Context, "settings" | "identity">): WorldIds {
  let ids = known.get(context.identity);
  if (!ids) {
    ids = deriveIds(context);
    known.set(context.identity, ids);
  }
  return ids;
}

function deriveIds(context: Pick<Context, "settings" | "identity">): WorldIds {
  const guid = (label: string) => worldGuid(context, label);
  const { vaults, subscriptions: wanted = subscriptionCount(vaults) } = context.settings;
  const subscriptions = Array.from({ length: wanted }, (_, index) => guid(`subscription/${index}`));
  const platform = `/subscriptions/${subscriptions[0]}/resourceGroups`;
  const workspaces = "providers/Microsoft.OperationalInsights/workspaces";
  const identity = (name: ServiceIdentityName) => ({
    clientId: guid(`identity/${name}/client`),
    objectId: guid(`identity/${name}/object`),
    resourceId: `${platform}/rg-platform/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${SERVICE_IDENTITY_NAMES[name]}`,
  });
  return {
    subscriptions,
    personas: {
      owner: guid("persona/owner"),
      analyst: guid("persona/analyst"),
      administrator: guid("persona/administrator"),
    },
    identities: {
      collector: identity("collector"),
      registrar: identity("registrar"),
      planter: identity("planter"),
      granter: identity("granter"),
      drill: identity("drill"),
    },
    workspace: {
      resourceId: `${platform}/rg-security/${workspaces}/law-sentinel`,
      customerId: guid("workspace/sentinel"),
    },
    otherWorkspace: {
      resourceId: `${platform}/rg-platform/${workspaces}/law-operations`,
      customerId: guid("workspace/operations"),
    },
    plantRoleId: guid("role/plant"),
    retireRoleId: guid("role/retire"),
    grantRoleId: guid("role/grant"),
    logDeliveryRoleId: guid("role/log-delivery"),
    watchlistAlias: "HoneyTokens",
  };
}

/** A GUID of this tenant's world. */
export function worldGuid(context: Pick<Context, "settings" | "identity">, label: string): string {
  const { seed, vaults } = context.settings;
  return tenantGuid({ seed, vaults, firstStart: context.identity.firstStart }, label);
}

/** Three subscriptions for a small estate, about 200 vaults in each of a large one, 50 at most. */
export function subscriptionCount(vaults: number): number {
  return Math.min(50, Math.max(3, Math.round(vaults / 200)));
}
