import "server-only";
import { type CustomRole, getCustomRole, putCustomRole } from "@/lib/azure/role-definitions";
import { subscriptionNames } from "@/lib/azure/subscriptions";
import type { ServiceContext, UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { writeAudit } from "@/lib/store/audit";
import { type CustomRoles, type CustomRoleView, RolePurpose } from "./custom-roles.pure";

/** What each role gives on what is in a vault: writing without reading, and deleting without reading. */
const DATA_ACTIONS: Record<RolePurpose, readonly string[]> = {
  plant: ["secrets/setSecret/action", "secrets/readMetadata/action", "keys/create/action", "keys/read"],
  retire: ["secrets/readMetadata/action", "secrets/delete", "keys/read", "keys/delete"],
};
/** On the vault as a resource: making keys past a closed network, which neither reads, changes nor deletes any. */
const ACTIONS: Record<RolePurpose, readonly string[]> = { plant: ["keys/write"], retire: [] };
/** Dull names: every reader of the tenant sees them. */
const NAMES: Record<RolePurpose, string> = {
  plant: "Vault object provisioning",
  retire: "Vault object retirement",
};

type Gives = Pick<CustomRole, "actions" | "dataActions">;

function givesFor(purpose: RolePurpose): Gives {
  const whole = (action: string) => `Microsoft.KeyVault/vaults/${action}`;
  return { actions: ACTIONS[purpose].map(whole), dataActions: DATA_ACTIONS[purpose].map(whole) };
}

/** The two custom roles as they should be and as they stand in the subscription of the workspace. */
export async function readCustomRoles(ctx: UserContext): Promise<CustomRoles> {
  return { roles: await Promise.all(RolePurpose.options.map((purpose) => viewOf(ctx, purpose))) };
}

async function viewOf(ctx: UserContext, purpose: RolePurpose): Promise<CustomRoleView> {
  const wanted = givesFor(purpose);
  const base = { purpose, name: null, ...wanted, tooMuch: [], tooLittle: [], problem: null };
  const id = roleIdOf(ctx, purpose);
  if (id === undefined) return { ...base, state: "not_configured" };
  try {
    const role = await getCustomRole(ctx.asUser, subscriptionOf(ctx), id);
    if (!role) return { ...base, state: "missing" };
    const { tooMuch, tooLittle } = differencesOf(role, wanted);
    const state = tooMuch.length + tooLittle.length === 0 ? "right" : "different";
    return { ...base, state, name: role.name, tooMuch, tooLittle };
  } catch (error) {
    if (!(error instanceof AppError) || error.failure.code === "step_up") throw error;
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
 * It can be given in every subscription that the person sees.
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
  const standing = await getCustomRole(ctx.asUser, subscriptionOf(ctx), id);
  await putCustomRole(ctx.asUser, subscriptionOf(ctx), id, {
    name: standing?.name ?? NAMES[purpose],
    description: standing?.description ?? "",
    ...givesFor(purpose),
    assignableScopes: [...subscriptions.keys()].map((subscription) => `/subscriptions/${subscription}`),
  });
  const before = standing ? { dataActions: standing.dataActions, actions: standing.actions } : {};
  const after = { role: id, ...givesFor(purpose), subscriptions: subscriptions.size };
  await writeAudit(ctx.db, { by: ctx.user, action: "role.write", before, after, result: "ok" }, ctx.now());
  return viewOf(ctx, purpose);
}

function roleIdOf({ config }: Pick<ServiceContext, "config">, purpose: RolePurpose): string | undefined {
  return purpose === "plant" ? config.plantRoleId : config.retireRoleId;
}

/** Custom roles live in the directory; they are asked for through the subscription of the watched workspace. */
function subscriptionOf({ config }: Pick<ServiceContext, "config">): string {
  return config.workspace.resourceId.split("/")[2] ?? "";
}
