import type { Context } from "../context";
import type { Principal } from "../model";
import { SENTINEL_APP_ID } from "../sentinel/playbooks";
import { SERVICE_IDENTITY_NAMES, type ServiceIdentityName, worldGuid, worldIds } from "./ids";
import { PEOPLE, TEAMS } from "./words";

/** Who works with one team's vaults, in real life and in the log. */
interface TeamPrincipals {
  /** Managed identity that the team's applications run as. */
  workload: Principal;
  /** Service principal of the team's deployment pipeline. */
  pipeline: Principal;
  /** The person who looks after the vaults in the portal. */
  contact: Principal;
}

const NO_ROLES: string[] = [];
/** Client id under which the Azure portal calls a vault for a person. */
const PORTAL_APP = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c";

/** The principals of one team; deterministic. */
export function teamPrincipals(context: Context, team: string): TeamPrincipals {
  const place = TEAMS.indexOf(team);
  return {
    workload: {
      oid: worldGuid(context, `team/${team}/workload`),
      kind: "ServicePrincipal",
      name: `id-${team}-apps`,
      appId: worldGuid(context, `team/${team}/workload/client`),
      managedIdentityId: userAssigned(context, `id-${team}-apps`),
      appRoles: NO_ROLES,
    },
    pipeline: {
      oid: worldGuid(context, `team/${team}/pipeline`),
      kind: "ServicePrincipal",
      name: `sp-${team}-pipeline`,
      appId: worldGuid(context, `team/${team}/pipeline/client`),
      appRoles: NO_ROLES,
    },
    contact: person(context, PEOPLE[Math.max(0, place) % PEOPLE.length] ?? PEOPLE[0]),
  };
}

/** The identity of Azure Resource Graph's own crawler, as it shows in every vault's log. */
export function inventoryCrawler(context: Context): Principal {
  return {
    oid: worldGuid(context, "platform/resource-graph"),
    kind: "ServicePrincipal",
    name: "Azure Resource Graph",
    appId: "509e4652-da8d-478d-a730-e9d4a1996ca4",
    appRoles: NO_ROLES,
  };
}

/** The identity under which Azure Policy looks at every vault. */
export function policyScanner(context: Context): Principal {
  return {
    oid: worldGuid(context, "platform/policy-insights"),
    kind: "ServicePrincipal",
    name: "Policy Insights Provider Data Plane",
    appId: "8cae6e77-e04e-42ce-b5cb-50d82bce26b1",
    appRoles: NO_ROLES,
  };
}

/** Microsoft Sentinel's own identity, which starts playbooks once somebody lets it. */
function sentinelService(context: Context): Principal {
  return {
    oid: worldGuid(context, "platform/security-insights"),
    kind: "ServicePrincipal",
    name: "Azure Security Insights",
    appId: SENTINEL_APP_ID,
    appRoles: NO_ROLES,
  };
}

/** Machines that work for the whole estate, and `vendor`, an application of another company without any right here. */
const SHARED_IDENTITIES = {
  backup: { name: "id-platform-continuity", managed: true },
  sync: { name: "sp-cluster-configuration", managed: false },
  vendor: { name: "sp-northwind-reporting", managed: false },
} as const;

/** The principal of one of the estate's shared identities. */
export function sharedIdentity(context: Context, which: keyof typeof SHARED_IDENTITIES): Principal {
  const { name, managed } = SHARED_IDENTITIES[which];
  return {
    oid: worldGuid(context, `shared/${which}`),
    kind: "ServicePrincipal",
    name,
    appId: worldGuid(context, `shared/${which}/client`),
    ...(managed && { managedIdentityId: userAssigned(context, name) }),
    appRoles: NO_ROLES,
  };
}

function userAssigned(context: Context, name: string): string {
  const platform = `/subscriptions/${worldIds(context).subscriptions[0]}/resourceGroups/rg-platform`;
  return `${platform}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
}

/** The principal of one of the product's own identities. */
export function serviceIdentity(context: Context, name: ServiceIdentityName): Principal {
  const { clientId, objectId, resourceId } = worldIds(context).identities[name];
  return {
    oid: objectId,
    kind: "ServicePrincipal",
    name: SERVICE_IDENTITY_NAMES[name],
    appId: clientId,
    managedIdentityId: resourceId,
    appRoles: NO_ROLES,
    ...(context.settings.defenderPortal && { graphPermissions: GRAPH_PERMISSIONS[name] ?? [] }),
  };
}

/** Where the Defender portal owns the incidents, who counts them reads them there, and who keeps records writes them. */
const GRAPH_PERMISSIONS: Partial<Record<ServiceIdentityName, string[]>> = {
  collector: ["SecurityIncident.Read.All", "SecurityAlert.Read.All"],
  registrar: ["SecurityIncident.ReadWrite.All", "SecurityAlert.ReadWrite.All"],
};

/** Fills the directory: the personas of the sign-in page, the product's identities, and everybody else. */
export function createPrincipals(context: Context): void {
  const { principals } = context.model;
  const put = (principal: Principal) => principals.put(principal.oid, principal);
  for (const principal of personas(context)) put(principal);
  for (const name of Object.keys(SERVICE_IDENTITY_NAMES) as ServiceIdentityName[]) put(serviceIdentity(context, name)); // keys of a constant
  put({
    oid: worldGuid(context, "application/api/object"),
    kind: "ServicePrincipal",
    name: "Vault operations console",
    appId: context.identity.apiClientId,
    appRoles: NO_ROLES,
  });
  put(inventoryCrawler(context));
  put(policyScanner(context));
  put(sentinelService(context));
  for (const which of ["backup", "sync", "vendor"] as const) put(sharedIdentity(context, which));
  for (const name of PEOPLE) put(person(context, name));
  for (const team of TEAMS) {
    const { workload, pipeline } = teamPrincipals(context, team);
    put(workload);
    put(pipeline);
  }
}

function personas(context: Context): Principal[] {
  const { owner, analyst, administrator } = worldIds(context).personas;
  const make = (oid: string, name: string, upn: string, appRole: string, persona: string): Principal => ({
    oid,
    kind: "User",
    name,
    upn,
    appRoles: [appRole],
    persona,
  });
  return [
    make(owner, "Kim Owner", "kim@contoso.test", "KeyVault.Owner", "Key Vault owner"),
    {
      ...make(analyst, "Ana Analyst", "ana@contoso.test", "Soc.Analyst", "SOC analyst"),
      directoryRoles: ["Security Operator"],
    },
    {
      ...make(administrator, "Adam Admin", "adam@contoso.test", "Platform.Admin", "Administrator"),
      directoryRoles: ["Security Administrator", "Directory Readers"],
    },
  ];
}

function person(context: Context, name: string): Principal {
  return {
    oid: worldGuid(context, `person/${name}`),
    kind: "User",
    name,
    upn: `${name.toLowerCase().replace(" ", ".")}@contoso.test`,
    // People reach a vault through the portal here; their calls carry its client id.
    appId: PORTAL_APP,
    appRoles: NO_ROLES,
  };
}
