import type { Call } from "../context";
import type { GRAPH_SECURITY } from "../entra/graph-permissions";
import { AzureError } from "../http";

type GraphPermission = (typeof GRAPH_SECURITY)[number];

/** Directory roles that a person needs beside the delegated permission. Source: Microsoft Learn, "Update incident". */
const WRITERS = ["Security Operator", "Security Administrator"];
const READERS = [...WRITERS, "Security Reader", "Global Reader"];

/**
 * Throws Graph's 403 unless the token carries the permission, and the person behind a delegated one holds a directory
 * role for it. The sentence for the missing role is unverified.
 */
export function requirePermission(call: Call, permission: GraphPermission): void {
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
  if (!delegated) return;
  const roles = call.model.principals.get(call.caller.oid)?.directoryRoles ?? [];
  const wanted = permission.includes(".ReadWrite.") ? WRITERS : READERS;
  if (!roles.some((role) => wanted.includes(role))) {
    throw new AzureError(403, "Forbidden", "The user does not hold a role that allows this operation.");
  }
}
