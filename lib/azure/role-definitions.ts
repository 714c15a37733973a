import "server-only";
import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { azureErrorOf } from "./azure-error";
import { armOptions, keepPerAccess } from "./clients";
import { toAppError } from "./parse-error";

/** A custom role. Actions as Azure writes them; a role has one block of permissions. */
export interface CustomRole {
  name: string;
  description: string;
  actions: string[];
  dataActions: string[];
  /** Subscriptions or groups, ARM ids, in which it can be given. */
  assignableScopes: string[];
}

const list = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);
const Answer = z.object({
  roleName: z.string(),
  description: z
    .string()
    .nullish()
    .transform((value) => value ?? ""),
  permissions: z.array(z.object({ actions: list, dataActions: list })).min(1),
  assignableScopes: list,
});

const clientOf = keepPerAccess(
  (azure, subscriptionId) => new AuthorizationManagementClient(azure.credential, subscriptionId, armOptions(azure)),
);

/** The role of this GUID as it stands in a subscription, or undefined. */
export async function getCustomRole(
  azure: AzureAccess,
  subscriptionId: string,
  roleId: string,
): Promise<CustomRole | undefined> {
  try {
    const found = await clientOf(azure, subscriptionId).roleDefinitions.get(`/subscriptions/${subscriptionId}`, roleId);
    const { roleName, description, permissions, assignableScopes } = Answer.parse(found);
    return {
      name: roleName,
      description,
      actions: permissions.flatMap((one) => one.actions),
      dataActions: permissions.flatMap((one) => one.dataActions),
      assignableScopes,
    };
  } catch (error) {
    if (azureErrorOf(error)?.status === 404) return undefined;
    throw toAppError(error, "read the custom role");
  }
}

/** Creates the role under this GUID, or brings it to this form. Needs roleDefinitions/write at each of its scopes. */
export async function putCustomRole(
  azure: AzureAccess,
  subscriptionId: string,
  roleId: string,
  role: CustomRole,
): Promise<void> {
  const { name, description, actions, dataActions, assignableScopes } = role;
  try {
    await clientOf(azure, subscriptionId).roleDefinitions.createOrUpdate(`/subscriptions/${subscriptionId}`, roleId, {
      roleName: name,
      description,
      roleType: "CustomRole",
      permissions: [{ actions, notActions: [], dataActions, notDataActions: [] }],
      assignableScopes,
    });
  } catch (error) {
    throw toAppError(error, "write the custom role");
  }
}
