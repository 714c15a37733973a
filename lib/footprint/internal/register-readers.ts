import "server-only";
import { listServicePrincipals } from "@/lib/azure/directory";
import { type Permission, permits } from "@/lib/azure/permits.pure";
import { normaliseId } from "@/lib/azure/resource-id.pure";
import { type HeldRole, rolesHeldAt } from "@/lib/azure/scope-readers";
import { SERVICE_IDENTITIES } from "@/lib/config";
import type { UserContext } from "@/lib/context";
import { AppError, needsPerson } from "@/lib/errors";
import { RegisterReader } from "../footprint.pure";

/** Either shows the rows of the register: through Sentinel, or by a query of the workspace. */
const READS = ["Microsoft.SecurityInsights/Watchlists/read", "Microsoft.OperationalInsights/workspaces/query/read"];

/** Whether a role lets its holder read the register. */
export function readsRegister(permissions: readonly Permission[]): boolean {
  return READS.some((action) => permits(permissions, action, "control"));
}

/** Everybody who holds such a role at the workspace or above it, a line each. */
export async function registerReaders(ctx: UserContext): Promise<RegisterReader[]> {
  const { asUser, config } = ctx;
  const workspace = normaliseId(config.workspace.resourceId);
  const held = (await rolesHeldAt(asUser, workspace)).filter(({ permissions }) => readsRegister(permissions));
  const byPrincipal = new Map<string, HeldRole[]>();
  for (const one of held) byPrincipal.set(one.principalId, [...(byPrincipal.get(one.principalId) ?? []), one]);
  const names = await namesOf(ctx);
  const ours = new Set(SERVICE_IDENTITIES.map((name) => config.identities[name].objectId.toLowerCase()));
  return [...byPrincipal].map(([principalId, roles]) => ({
    name: names.get(principalId) ?? principalId,
    principalId,
    kind: RegisterReader.shape.kind.catch("Other").parse(roles[0]?.principalType),
    roles: unique(roles.map(({ role }) => role)),
    from: unique(roles.map(({ scope }) => placeOf(scope, workspace))),
    direct: roles.some(({ scope }) => scope === workspace),
    ours: ours.has(principalId),
  }));
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].toSorted();
}

function placeOf(scope: string, workspace: string): string {
  if (scope === workspace) return "Workspace";
  if (scope === "" || scope === "/") return "Root of the tenant";
  const name = scope.split("/").at(-1) ?? "";
  if (scope.startsWith("/providers/microsoft.management/")) return `Management group ${name}`;
  return scope.includes("/resourcegroups/") ? `Resource group ${name}` : `Subscription ${name}`;
}

/** Names of the person who asks and, where the directory may be read, of our identities; people stay ids. */
async function namesOf({ asUser, user, config }: UserContext): Promise<Map<string, string>> {
  const names = new Map([[user.oid.toLowerCase(), `${user.name} (you)`]]);
  try {
    const ids = SERVICE_IDENTITIES.map((name) => config.identities[name].clientId);
    for (const { id, displayName } of await listServicePrincipals(asUser, ids))
      if (displayName) names.set(id.toLowerCase(), displayName);
  } catch (error) {
    // That the directory cannot be read is said once, by the traces.
    if (!(error instanceof AppError) || needsPerson(error)) throw error;
  }
  return names;
}
