import type { Context } from "../context";
import type { NetworkAcls, Vault } from "../model";
import { type GroupPlan, subscriptionName } from "./groups";
import { worldIds } from "./ids";
import { ObjectLayer } from "./object-layer";
import type { VaultPlan, WorldPlan } from "./plan";
import { teamPrincipals } from "./principals";
import { Random } from "./random";
import { readerPolicies, teamPolicies } from "./rights";
import { firewallAddress } from "./traffic-source";
import { COST_CENTERS } from "./words";

/** Fills subscriptions, resource groups, workspaces, vaults and their objects. */
export function createEstate(context: Context, plan: WorldPlan): void {
  const { model, settings, identity } = context;
  const ids = worldIds(context);
  ids.subscriptions.forEach((id, index) => {
    model.subscriptions.put(id, { id, name: subscriptionName(index) });
  });
  for (const name of ["rg-platform", "rg-security"]) putGroup(context, ids.subscriptions[0] ?? "", name);
  createWorkspaces(context);
  for (const group of plan.groups) putTeamGroup(context, group);
  const teams = new Map(
    plan.groups.map((group) => [
      group.id,
      { policies: teamPolicies(context, group), contact: teamPrincipals(context, group.team).contact.upn ?? "" },
    ]),
  );
  for (const vault of plan.vaults) {
    const random = new Random(`${settings.seed}/settings/${vault.index}`);
    const team = teams.get(vault.group.id) ?? { policies: [], contact: "" };
    const more = readerPolicies(context, vault);
    const policies = more.length === 0 ? team.policies : [...team.policies, ...more];
    model.vaults.put(vault.id, vaultDocument(settings.seed, vault, random, { ...team, policies }));
  }
  model.objects.lay(new ObjectLayer(plan.vaults, settings.seed, identity.firstStart));
}

interface Team {
  policies: Vault["accessPolicies"];
  /** User name of the person who looks after the vaults. */
  contact: string;
}

function vaultDocument(seed: number, vault: VaultPlan, random: Random, team: Team): Vault {
  const { group } = vault;
  return {
    id: vault.id,
    name: vault.name,
    subscriptionId: group.subscriptionId,
    resourceGroup: group.name,
    location: group.location,
    tags: tagsOf(group, random, team),
    createdAt: vault.createdAt,
    ...(vault.model === "rbac" && { enableRbacAuthorization: true }),
    // Vaults that moved to RBAC keep their old list, which then means nothing.
    accessPolicies: vault.model === "policies" || random.chance(0.2) ? team.policies : [],
    ...networkOf(seed, vault, random),
    softDeleteRetentionInDays: vault.retentionDays,
    ...(random.chance(0.4) && { enablePurgeProtection: true as const }),
  };
}

function networkOf(
  seed: number,
  vault: VaultPlan,
  random: Random,
): Pick<Vault, "publicNetworkAccess"> & { networkAcls?: NetworkAcls } {
  const acls = (defaultAction: NetworkAcls["defaultAction"], rules: string[]): NetworkAcls => ({
    bypass: "AzureServices",
    defaultAction,
    ipRules: rules.map((value) => ({ value })),
    virtualNetworkRules: [],
  });
  if (vault.network === "private") return { publicNetworkAccess: "Disabled", networkAcls: acls("Deny", []) };
  if (vault.network === "firewall") {
    return { publicNetworkAccess: "Enabled", networkAcls: acls("Deny", [`${firewallAddress(seed, vault.index)}/32`]) };
  }
  return { publicNetworkAccess: "Enabled", ...(random.chance(0.5) && { networkAcls: acls("Allow", []) }) };
}

function tagsOf(group: GroupPlan, random: Random, team: Team): Record<string, string> {
  const tags: Record<string, string> = { environment: group.environment, team: group.team };
  if (random.chance(0.8)) tags.owner = team.contact;
  if (random.chance(0.6)) tags.costCenter = random.pick(COST_CENTERS);
  return tags;
}

function putTeamGroup(context: Context, group: GroupPlan): void {
  context.model.resourceGroups.put(group.id, {
    id: group.id,
    subscriptionId: group.subscriptionId,
    name: group.name,
    location: group.location,
    tags: { environment: group.environment, team: group.team },
  });
}

function putGroup(context: Context, subscriptionId: string, name: string): void {
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${name}`;
  context.model.resourceGroups.put(id, {
    id,
    subscriptionId,
    name,
    location: "westeurope",
    tags: { team: "platform" },
  });
}

function createWorkspaces(context: Context): void {
  const ids = worldIds(context);
  for (const [name, workspace, sentinel] of [
    ["law-sentinel", ids.workspace, true],
    ["law-operations", ids.otherWorkspace, false],
  ] as const) {
    context.model.workspaces.put(workspace.resourceId, {
      id: workspace.resourceId,
      name,
      subscriptionId: ids.subscriptions[0] ?? "",
      resourceGroup: workspace.resourceId.split("/")[4] ?? "",
      location: "westeurope",
      customerId: workspace.customerId,
      ...((!sentinel || context.settings.bare) && { sentinel: false as const }),
      ...(sentinel && context.settings.defenderPortal && { defenderPortal: true as const }),
      tablePlans: {},
    });
  }
}
