import "server-only";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { drain } from "./clients";
import { toAppError } from "./parse-error";
import type { Permission } from "./permits.pure";
import { normaliseId } from "./resource-id.pure";
import { authorizationClient } from "./role-assignments";

/** A role that somebody holds at a scope, or above it. */
export interface HeldRole {
  /** Normalised ARM id of where it was given; empty = the root of the tenant. */
  scope: string;
  principalId: string;
  /** As Azure says it: `User`, `Group`, `ServicePrincipal`, and rarer ones. */
  principalType: string;
  role: string;
  permissions: Permission[];
}

const Assignment = z.object({
  scope: z.string(),
  principalId: z.string().toLowerCase(),
  principalType: z
    .string()
    .nullish()
    .transform((type) => type ?? ""),
  roleDefinitionId: z.string(),
});
const actions = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);
const Definition = z.object({
  roleName: z.string(),
  permissions: z.array(z.object({ actions, notActions: actions, dataActions: actions, notDataActions: actions })),
});

/** Every role that holds at the scope (ARM id): given there or above it, as far as the caller may see assignments. */
export async function rolesHeldAt(azure: AzureAccess, scope: string): Promise<HeldRole[]> {
  try {
    const client = authorizationClient(azure, normaliseId(scope));
    const listed = z
      .array(Assignment)
      .parse(await drain(client.roleAssignments.listForScope(scope, { filter: "atScope()" })));
    const ids = [...new Set(listed.map(({ roleDefinitionId }) => roleDefinitionId))];
    const read = ids.map(async (id) => [id, Definition.parse(await client.roleDefinitions.getById(id))] as const);
    const roles = new Map(await Promise.all(read));
    return listed.flatMap(({ roleDefinitionId, scope: at, principalId, principalType }) => {
      const role = roles.get(roleDefinitionId);
      if (!role) return [];
      const { roleName, permissions } = role;
      return [{ scope: normaliseId(at), principalId, principalType, role: roleName, permissions }];
    });
  } catch (error) {
    throw toAppError(error, "read who holds a role there");
  }
}
