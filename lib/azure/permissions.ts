import "server-only";
import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { createPipelineRequest, RestError } from "@azure/core-rest-pipeline";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { armOptions, drain, keepPerAccess } from "./clients";
import { toAppError } from "./parse-error";
import type { Permission } from "./permits.pure";
import { normaliseId } from "./resource-id.pure";

const API_VERSION = "2022-04-01";
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const PAGES_MAX = 100;

const actions = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);
const PermissionAnswer = z.object({
  actions,
  notActions: actions,
  dataActions: actions,
  notDataActions: actions,
});
const PermissionPage = z.object({ value: z.array(PermissionAnswer), nextLink: z.string().nullish() });

const clientOf = keepPerAccess(
  (azure, subscriptionId) => new AuthorizationManagementClient(azure.credential, subscriptionId, armOptions(azure)),
);

/** What the caller of `azure` may do at `scope` (an ARM id): role assignments, groups and inheritance included. */
export async function permissionsAt(azure: AzureAccess, scope: string): Promise<Permission[]> {
  const id = normaliseId(scope);
  const permissions: Permission[] = [];
  let link: string | undefined | null =
    `${azure.cloud.arm}${id}/providers/Microsoft.Authorization/permissions?api-version=${API_VERSION}`;
  try {
    for (let page = 0; link && page < PAGES_MAX; page++) {
      const answer = PermissionPage.parse(await armGet(azure, id, link));
      permissions.push(...answer.value);
      link = answer.nextLink;
    }
    return permissions;
  } catch (error) {
    throw toAppError(error, "ask Azure for the rights here");
  }
}

/**
 * What another principal may do at `scope`, from its role assignments there and above (groups included).
 * For the run that starts when the person's token is gone. Deny assignments are not seen here; the real call stays the
 * judge.
 */
export async function permissionsOf(azure: AzureAccess, scope: string, principalId: string): Promise<Permission[]> {
  const id = normaliseId(scope);
  if (!GUID.test(principalId)) throw new Error("A principal id is a GUID.");
  try {
    const client = clientOf(azure, subscriptionOf(id));
    const filter = `atScope() and assignedTo('${principalId}')`;
    const assignments = await drain(client.roleAssignments.listForScope(id, { filter }));
    const roles = new Set(assignments.flatMap(({ roleDefinitionId }) => (roleDefinitionId ? [roleDefinitionId] : [])));
    const definitions = await Promise.all([...roles].map((role) => client.roleDefinitions.getById(role)));
    return definitions.flatMap(({ permissions }) => z.array(PermissionAnswer).parse(permissions ?? []));
  } catch (error) {
    throw toAppError(error, "read the person's role assignments");
  }
}

/** The SDK knows permissions of groups and nested resources only, not of a scope: one request through its own pipeline. */
async function armGet(azure: AzureAccess, scope: string, url: string): Promise<unknown> {
  const request = createPipelineRequest({ url, method: "GET" });
  const response = await clientOf(azure, subscriptionOf(scope)).sendRequest(request);
  if (response.status !== 200) {
    throw new RestError("ARM refused", { statusCode: response.status, request, response });
  }
  return JSON.parse(response.bodyAsText ?? "null");
}

function subscriptionOf(scope: string): string {
  return /^\/subscriptions\/([0-9a-f-]{36})(\/|$)/.exec(scope)?.[1] ?? "00000000-0000-0000-0000-000000000000";
}
