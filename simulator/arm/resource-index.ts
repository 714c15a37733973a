import type { Context } from "../context";
import { worldMachines } from "../defender/machines";
import { storageAccounts } from "../storage/accounts";
import { below } from "./below";

/** One resource as the generic lists of ARM show it. */
export interface ListedResource {
  id: string;
  name: string;
  /** `Microsoft.KeyVault/vaults` */
  type: string;
  location: string;
  tags?: Record<string, string>;
  kind?: string;
  sku?: { name: string; tier?: string };
  createdAt?: number;
}

/** Every resource at or below a scope, of every type that the tenant keeps. `type` is lower case and leaves the others out. */
export function resourcesAt(context: Context, scope: string, type?: string): ListedResource[] {
  const inside = below(scope);
  return Object.entries(SOURCES)
    .filter(([name]) => type === undefined || name.toLowerCase() === type)
    .flatMap(([name, source]) => source(context, inside).map((found) => ({ ...found, type: name })))
    .filter(({ id }) => inside(id));
}

type Found = Omit<ListedResource, "type">;

const SOURCES: Readonly<Record<string, (context: Context, inside: (id: string) => boolean) => Found[]>> = {
  "Microsoft.KeyVault/vaults": ({ model }, inside) =>
    [...model.vaults.values()]
      .filter(({ id }) => inside(id))
      .map(({ id, name, location, tags, createdAt }) => ({
        id,
        name,
        location,
        tags,
        createdAt,
      })),
  "Microsoft.OperationalInsights/workspaces": ({ model }) =>
    [...model.workspaces.values()].map(({ id, name, location, tags = {} }) => ({ id, name, location, tags })),
  "Microsoft.ManagedIdentity/userAssignedIdentities": ({ model }) =>
    [...model.principals.values()].flatMap(({ managedIdentityId: id, name }) => {
      if (id === undefined || !/\/userAssignedIdentities\//i.test(id)) return [];
      const location = model.resourceGroups.get(id.split("/").slice(0, 5).join("/"))?.location ?? "westeurope";
      return [{ id, name, location }];
    }),
  "Microsoft.Storage/storageAccounts": (context) =>
    storageAccounts(context).map(({ id, name, location, tags, kind, sku, createdAt }) => ({
      id,
      name,
      location,
      tags,
      kind,
      sku: { name: sku, tier: sku.split("_")[0] ?? "" },
      createdAt,
    })),
  "Microsoft.Compute/virtualMachines": (context) =>
    worldMachines(context).map(({ id, name, location, tags }) => ({ id, name, location, tags })),
  "Microsoft.Insights/actionGroups": ({ model }) =>
    [...model.actionGroups.values()].map(({ id, name, location, tags }) => ({ id, name, location, tags })),
  "Microsoft.Insights/scheduledQueryRules": ({ model }) =>
    [...model.scheduledQueryRules.values()].map(({ id, name, location, tags, kind }) => ({
      id,
      name,
      location,
      tags,
      kind,
    })),
  "Microsoft.Security/automations": ({ model }) =>
    [...model.securityAutomations.values()].map(({ id, name, location, tags }) => ({ id, name, location, tags })),
};
