import { z } from "zod";
import { normaliseId } from "@/lib/azure/resource-id.pure";
import type { TestTenant } from "./tenant";

const VaultObject = z.object({
  vaultId: z.string(),
  kind: z.enum(["secret", "key"]),
  name: z.string(),
  versions: z.array(z.object({ enabled: z.boolean(), expires: z.number().optional() })),
  deletedAt: z.number().optional(),
});
export const Setting = z.object({
  vaultId: z.string(),
  workspaceId: z.string().optional(),
  logs: z.array(
    z.object({ category: z.string().optional(), categoryGroup: z.string().optional(), enabled: z.boolean() }),
  ),
});
const Item = z.object({ fields: z.record(z.string(), z.string()), deleted: z.boolean().optional() });
/** Ids of vaults that log to the watched workspace, and of those that hold a registered, living, enabled decoy. */
export async function truth(tenant: TestTenant) {
  const workspace = normaliseId(tenant.service.config.workspace.resourceId);
  const [settings, objects, items] = await Promise.all([
    tenant.collection("diagnosticSettings", Setting),
    tenant.collection("objects", VaultObject),
    tenant.collection("watchlistItems", Item),
  ]);
  const audited = settings.filter(
    ({ workspaceId, logs }) =>
      workspaceId !== undefined &&
      normaliseId(workspaceId) === workspace &&
      logs.some(
        ({ enabled, category, categoryGroup }) =>
          enabled && (category === "AuditEvent" || ["audit", "allLogs"].includes(categoryGroup ?? "")),
      ),
  );
  const standing = new Set(
    objects
      .filter(({ deletedAt, versions }) => deletedAt === undefined && versions.at(-1)?.enabled)
      .filter(({ versions }) => (versions.at(-1)?.expires ?? Number.POSITIVE_INFINITY) > Date.now())
      .map(({ vaultId, kind, name }) => `${normaliseId(vaultId)}/${kind}s/${name.toLowerCase()}`),
  );
  const registered = items
    .filter(({ deleted, fields }) => !deleted && ["", "live"].includes(fields.State ?? ""))
    .map(({ fields }) => ({
      vaultId: normaliseId(fields.ResourceId ?? ""),
      tokenKey: `${normaliseId(fields.ResourceId ?? "")}/${fields.Properties?.includes("key") ? "keys" : "secrets"}/${fields.HoneyToken?.toLowerCase()}`,
      name: fields.HoneyToken ?? "",
    }));
  return {
    audited: new Set(audited.map(({ vaultId }) => normaliseId(vaultId))),
    registered: new Set(registered.map(({ vaultId }) => vaultId)),
    decoyed: new Set(registered.filter(({ tokenKey }) => standing.has(tokenKey)).map(({ vaultId }) => vaultId)),
    names: registered.map(({ name }) => name),
  };
}

/** Asks every half second; throws, naming `what`, when it has not come true within `within` milliseconds. */
export async function waitFor(what: string, condition: () => Promise<boolean>, within = 90_000): Promise<void> {
  const end = Date.now() + within;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
