import "server-only";
import { permissionsOf } from "@/lib/azure/permissions";
import { permits } from "@/lib/azure/permits.pure";
import { giveRoleAt } from "@/lib/azure/scope-roles";
import type { ServiceIdentity } from "@/lib/config";
import type { UserContext } from "@/lib/context";
import {
  notOfferedIn,
  ROLES,
  readCustomRoles,
  scopesWith,
  standingRole,
  writeCustomRole,
} from "@/lib/deployments/custom-roles";
import type { CustomRoleView, RolePurpose } from "@/lib/deployments/custom-roles.pure";
import { AppError } from "@/lib/errors";
import { armPut } from "../commands";
import { type Look, nameOf, RIGHT, type SetupStep, WRITTEN } from "./step";

const WRITE_ASSIGNMENTS = "Microsoft.Authorization/roleAssignments/write";
const WRITE_DEFINITIONS = "Microsoft.Authorization/roleDefinitions/write";

/** Built-in roles of Azure by their ids. Source: Azure built-in roles, Microsoft Learn. */
const READER = { id: "acdd72a7-3385-48ef-bd42-f606fba81ae7", name: "Reader" };
const LOG_READER = { id: "73c42c96-874c-492b-b04d-ab87d138a893", name: "Log Analytics Reader" };
const SENTINEL_READER = { id: "8d289c81-5878-46d4-8554-54e1e3d8b5cb", name: "Microsoft Sentinel Reader" };
const SENTINEL_CONTRIBUTOR = { id: "ab8e14d6-4a74-4a29-9ba8-549422addade", name: "Microsoft Sentinel Contributor" };

interface Needed {
  id: string;
  identity: ServiceIdentity;
  role: { id: string; name: string };
  /** An action that shows that the identity has this role or one that gives as much. */
  shownBy: string;
  /** ARM id and words. */
  scope: string;
  where: string;
  why: string;
}

/** Id of the step that lets the registrar write the register, which another step waits for. */
export const REGISTRAR_ROLE = "role-registrar";

/** The standing roles of the collector and the registrar, one step each. */
export function roleSteps(ctx: UserContext, subscriptions: ReadonlyMap<string, string>): SetupStep[] {
  const workspace = ctx.config.workspace.resourceId;
  const at = { scope: workspace, where: `the workspace ${nameOf(workspace)}` };
  const collector = { identity: "collector" as const };
  const needed: Needed[] = [
    ...[...subscriptions].map(([id, name]) => ({
      ...collector,
      id: `role-collector-${id}`,
      role: READER,
      shownBy: "Microsoft.KeyVault/vaults/read",
      scope: `/subscriptions/${id}`,
      where: `the subscription ${name}`,
      why: "It finds the vaults there, their logging and who may do what.",
    })),
    {
      ...collector,
      ...at,
      id: "role-collector-logs",
      role: LOG_READER,
      shownBy: "Microsoft.OperationalInsights/workspaces/query/read",
      why: "It sees whether rows of the vaults arrive, and who touched a honeytoken.",
    },
    {
      ...collector,
      ...at,
      id: "role-collector-sentinel",
      role: SENTINEL_READER,
      shownBy: "Microsoft.SecurityInsights/alertRules/read",
      why: "It sees whether the rules are on and the register is published.",
    },
    {
      ...at,
      id: REGISTRAR_ROLE,
      identity: "registrar",
      role: SENTINEL_CONTRIBUTOR,
      shownBy: "Microsoft.SecurityInsights/Watchlists/write",
      why: "It publishes the register and closes the incidents of drills.",
    },
  ];
  return needed.map((one) => roleStep(ctx, one));
}

function roleStep({ config }: UserContext, { id, identity, role, shownBy, scope, where, why }: Needed): SetupStep {
  const { objectId } = config.identities[identity];
  return {
    id,
    title: `Role ${role.name} for the ${identity}`,
    why,
    where,
    writes: [`a role assignment of ${role.name} to the ${identity} (${objectId})`],
    by: "you",
    needs: [],
    rights: [{ action: WRITE_ASSIGNMENTS, scope, where, role: "Role Based Access Control Administrator or Owner" }],
    command: `az role assignment create --assignee-object-id ${objectId} --assignee-principal-type ServicePrincipal --role "${role.name}" --scope "${scope}"`,
    look: async (ctx): Promise<Look> => {
      const held = await permissionsOf(ctx.asUser, scope, objectId);
      if (permits(held, shownBy, "control")) return RIGHT;
      return { state: "missing", detail: `Nothing that it holds there gives ${shownBy}.` };
    },
    write: async (ctx) => {
      await giveRoleAt(ctx.asUser, { resourceId: scope }, { principalId: objectId, roleId: role.id });
      return WRITTEN;
    },
  };
}

const PURPOSES: Record<RolePurpose, { title: string; why: string }> = {
  plant: {
    title: "Custom role to plant",
    why: "The planter gets it for the time of a job: it writes honeytokens and can neither read nor delete.",
  },
  retire: {
    title: "Custom role to retire",
    why: "The planter gets it for the time of a job: it removes honeytokens and cannot read a value.",
  },
};

/** The two custom roles of the product. */
export function customRoleSteps(ctx: UserContext, subscriptions: ReadonlyMap<string, string>): SetupStep[] {
  const { plantRoleId, retireRoleId } = ctx.config;
  const where = `the directory, for ${subscriptions.size} subscriptions`;
  const rights = [...subscriptions].map(([id, name]) => ({
    action: WRITE_DEFINITIONS,
    scope: `/subscriptions/${id}`,
    where: `the subscription ${name}`,
    role: "User Access Administrator or Owner",
  }));
  const roles = [
    { purpose: "plant", id: plantRoleId },
    { purpose: "retire", id: retireRoleId },
  ] as const;
  return roles.map(({ purpose, id }) => ({
    ...PURPOSES[purpose],
    id: `custom-role-${purpose}`,
    where,
    writes: [`the role definition ${id ?? "without a GUID yet"}`],
    by: "you",
    needs: [],
    rights,
    recorded: true,
    look: async (now) => {
      const role = (await readCustomRoles(now)).roles.find((one) => one.purpose === purpose);
      const seen = lookAtRole(role);
      const standing = await standingRole(now, purpose);
      const { arm } = now.asUser.cloud;
      const command = role && id !== undefined && commandFor(arm, id, role, scopesWith(standing, subscriptions.keys()));
      const short = standing === undefined ? [] : notOfferedIn(standing, subscriptions.keys());
      return {
        ...withPlaces(
          seen,
          short.map((one) => subscriptions.get(one) ?? one),
        ),
        ...(command && { command }),
      };
    },
    write: async (now) => {
      await writeCustomRole(now, { purpose });
      return WRITTEN;
    },
  }));
}

/** A role that is right in itself is of no use where it cannot be given. */
export function withPlaces(seen: Look, notIn: readonly string[]): Look {
  if (seen.state !== "right" || notIn.length === 0) return seen;
  return { state: "missing", detail: `It cannot be given in ${notIn.join(", ")}.` };
}

/** By the API itself: the command for roles chooses a GUID of its own. */
function commandFor(arm: string, roleId: string, role: CustomRoleView, assignableScopes: readonly string[]): string {
  const { name, purpose, actions, dataActions } = role;
  const [first = ""] = assignableScopes;
  const path = `${first}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`;
  return armPut(arm, path, "2022-04-01", {
    properties: {
      roleName: name ?? ROLES[purpose].name,
      type: "CustomRole",
      permissions: [{ actions, notActions: [], dataActions, notDataActions: [] }],
      assignableScopes,
    },
  });
}

function lookAtRole(role: CustomRoleView | undefined): Look {
  switch (role?.state) {
    case "right":
      return RIGHT;
    case "not_configured":
      return {
        state: "cannot",
        detail: "The settings name no GUID for it.",
        fix: "Make a GUID, set RETIRE_ROLE_ID to it and start the product again. Only removing honeytokens needs it.",
      };
    case "different": {
      const told = [...role.tooMuch.map((one) => `too much: ${one}`), ...role.tooLittle.map((one) => `lacks ${one}`)];
      return { state: "missing", detail: `It differs from what it should be (${told.join("; ")}).` };
    }
    case "unknown":
    case undefined:
      throw new AppError("unavailable", role?.problem ?? "The role could not be read.");
    default:
      return { state: "missing", detail: "There is none." };
  }
}
