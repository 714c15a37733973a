import "server-only";
import { normaliseId } from "@/lib/azure/resource-id.pure";
import { type CustomRole, getCustomRole, putCustomRole } from "@/lib/azure/role-definitions";
import { subscriptionNames } from "@/lib/azure/subscriptions";
import type { AzureAccess, ServiceContext, UserContext } from "@/lib/context";
import { AppError, needsPerson } from "@/lib/errors";
import { writeAudit } from "@/lib/store/audit";
import data from "./custom-roles.json";
import { type CustomRoles, type CustomRoleView, RolePurpose } from "./custom-roles.pure";

type Gives = Pick<CustomRole, "actions" | "dataActions">;

/**
 * Of each role: a dull name, since every reader of the tenant sees it; what it gives on what is in a vault, which is writing
 * without reading or deleting without reading; and on the vault as a resource, making keys past a closed network, which
 * neither reads, changes nor deletes any. `infra/` makes the roles from the same file.
 */
export const ROLES: Record<RolePurpose, Gives & { name: string }> = data;

function givesFor(purpose: RolePurpose): Gives {
  const { actions, dataActions } = ROLES[purpose];
  return { actions, dataActions };
}

/** The two custom roles as they should be and as they stand in the subscription of the workspace. */
export async function readCustomRoles(ctx: UserContext): Promise<CustomRoles> {
  return { roles: await customRolesSeenBy(ctx, ctx.asUser) };
}

/** The same, as somebody else than the person who asks sees them. */
export function customRolesSeenBy(
  service: Pick<ServiceContext, "config">,
  access: AzureAccess,
): Promise<CustomRoleView[]> {
  return Promise.all(RolePurpose.options.map((purpose) => viewOf(service, access, purpose)));
}

async function viewOf(
  ctx: Pick<ServiceContext, "config">,
  access: AzureAccess,
  purpose: RolePurpose,
): Promise<CustomRoleView> {
  const wanted = givesFor(purpose);
  const base = { purpose, name: null, ...wanted, tooMuch: [], tooLittle: [], problem: null };
  const id = roleIdOf(ctx, purpose);
  if (id === undefined) return { ...base, state: "not_configured" };
  try {
    const role = await getCustomRole(access, subscriptionOf(ctx), id);
    if (!role) return { ...base, state: "missing" };
    const { tooMuch, tooLittle } = differencesOf(role, wanted);
    const state = tooMuch.length + tooLittle.length === 0 ? "right" : "different";
    return { ...base, state, name: role.name, tooMuch, tooLittle };
  } catch (error) {
    if (!(error instanceof AppError) || needsPerson(error)) throw error;
    return { ...base, state: "unknown", problem: error.failure.message };
  }
}

/** The two planes are compared apart: some actions have the same name on both. */
function differencesOf(given: Gives, wanted: Gives) {
  const without = (all: readonly string[], others: readonly string[]): string[] => {
    const known = new Set(others.map((one) => one.toLowerCase()));
    return all.filter((one) => !known.has(one.toLowerCase()));
  };
  return {
    tooMuch: [...without(given.actions, wanted.actions), ...without(given.dataActions, wanted.dataActions)],
    tooLittle: [...without(wanted.actions, given.actions), ...without(wanted.dataActions, given.dataActions)],
  };
}

/**
 * Creates one of the roles under the GUID that the settings name, or brings it to its form; with the person's own token.
 * It can be given in every subscription that the person sees, and stays so wherever it could be given before.
 *
 * @throws AppError `conflict` when the settings name no GUID, `forbidden` when Azure says so
 */
export async function writeCustomRole(
  ctx: UserContext,
  { purpose }: { purpose: RolePurpose },
): Promise<CustomRoleView> {
  const id = roleIdOf(ctx, purpose);
  if (id === undefined) {
    throw new AppError("conflict", "The settings name no GUID for this role.", {
      fix: "Make a GUID, set RETIRE_ROLE_ID to it, start the product again, then create the role.",
    });
  }
  const subscriptions = await subscriptionNames(ctx.asUser);
  const standing = await standingRole(ctx, purpose);
  await putCustomRole(ctx.asUser, subscriptionOf(ctx), id, {
    name: standing?.name ?? ROLES[purpose].name,
    description: standing?.description ?? "",
    ...givesFor(purpose),
    assignableScopes: scopesWith(standing, subscriptions.keys()),
  });
  const before = standing ? { dataActions: standing.dataActions, actions: standing.actions } : {};
  const after = { role: id, ...givesFor(purpose), subscriptions: subscriptions.size };
  await writeAudit(ctx.db, { by: ctx.user, action: "role.write", before, after, result: "ok" }, ctx.now());
  return viewOf(ctx, ctx.asUser, purpose);
}

/** Where the role can be given as it stands (none = it is not there). */
type Standing = Pick<CustomRole, "assignableScopes"> | undefined;

/** Those of the subscriptions (ids) in which the role cannot be given. */
export function notOfferedIn(standing: Standing, subscriptions: Iterable<string>): string[] {
  const offered = new Set(standing?.assignableScopes.map(normaliseId));
  return [...subscriptions].filter((id) => !offered.has(normaliseId(`/subscriptions/${id}`)));
}

/** Every scope in which the role can be given, and the subscriptions (ids) too: none that it has is taken away. */
export function scopesWith(standing: Standing, subscriptions: Iterable<string>): string[] {
  const missing = notOfferedIn(standing, subscriptions);
  return [...(standing?.assignableScopes ?? []), ...missing.map((id) => `/subscriptions/${id}`)];
}

/** The role of that purpose as Azure has it; undefined when there is none, or the settings name no GUID for it. */
export async function standingRole(ctx: UserContext, purpose: RolePurpose): Promise<CustomRole | undefined> {
  const id = roleIdOf(ctx, purpose);
  return id === undefined ? undefined : getCustomRole(ctx.asUser, subscriptionOf(ctx), id);
}

function roleIdOf({ config }: Pick<ServiceContext, "config">, purpose: RolePurpose): string | undefined {
  return purpose === "plant" ? config.plantRoleId : config.retireRoleId;
}

/** Custom roles live in the directory; they are asked for through the subscription of the watched workspace. */
function subscriptionOf({ config }: Pick<ServiceContext, "config">): string {
  return config.workspace.resourceId.split("/")[2] ?? "";
}
