import type { Call } from "../context";
import type { GRAPH_DIRECTORY, GRAPH_SECURITY } from "../entra/graph-permissions";
import { AzureError } from "../http";

type GraphPermission = (typeof GRAPH_SECURITY | typeof GRAPH_DIRECTORY)[number];

/** Directory roles that a person needs beside the delegated permission. Source: Microsoft Learn, "Update incident". */
const WRITERS = ["Security Operator", "Security Administrator"];
const READERS = [...WRITERS, "Security Reader", "Global Reader"];

/** Directory roles with which a person reads app role assignments. Source: Microsoft Learn, "List appRoleAssignments". */
export const APP_ROLE_READERS = [
  "Directory Readers",
  "Directory Writers",
  "Hybrid Identity Administrator",
  "Identity Governance Administrator",
  "Privileged Role Administrator",
  "User Administrator",
  "Application Administrator",
  "Cloud Application Administrator",
  "Global Administrator",
];

/**
 * Throws Graph's 403 unless the token carries the permission, and the person behind a delegated one holds a directory
 * role for it. The sentence for the missing role is unverified.
 */
export function requirePermission(call: Call, permission: GraphPermission, personWith = rolesFor(permission)): void {
  const enough = permission.includes(".ReadWrite.")
    ? [permission]
    : [permission, permission.replace("Read", "ReadWrite")];
  const held = call.caller.permissions ?? [];
  const delegated = call.caller.kind === "User";
  if (!held.some((name) => enough.includes(name))) {
    const word = delegated ? "scopes" : "roles";
    throw new AzureError(
      403,
      "Forbidden",
      `Missing application ${word}. API required ${word}: ${enough.join(",")}, application ${word}: ${held.join(",")}.`,
    );
  }
  if (!delegated || personWith === undefined) return;
  const roles = call.model.principals.get(call.caller.oid)?.directoryRoles ?? [];
  if (!roles.some((role) => personWith.includes(role))) {
    throw new AzureError(403, "Forbidden", "The user does not hold a role that allows this operation.");
  }
}

/** Any member of the directory reads registrations. Source: Microsoft Learn, "Default user permissions". */
function rolesFor(permission: GraphPermission): readonly string[] | undefined {
  if (permission === "Application.Read.All") return undefined;
  return permission.includes(".ReadWrite.") ? WRITERS : READERS;
}
