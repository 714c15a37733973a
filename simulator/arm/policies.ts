import { z } from "zod";
import type { AccessPolicy } from "../model";

/*
 * Access policies as data: what a valid entry is, and what add, replace and remove make of a list.
 */

function permissionList(names: readonly string[]) {
  const known = new Set(names.map((name) => name.toLowerCase()));
  return z.array(z.string().refine((name) => known.has(name.toLowerCase()), "the permission is not known"));
}

const OBJECT = ["all", "get", "list", "delete", "backup", "restore", "recover", "purge"];

/** One entry of an access policy list, with the permission names of the API description (case does not count). */
export const AccessPolicySchema = z
  .object({
    tenantId: z.guid(),
    objectId: z.guid(),
    applicationId: z.guid().nullish(),
    permissions: z.object({
      secrets: permissionList([...OBJECT, "set"]).nullish(),
      keys: permissionList([
        ...OBJECT,
        ...["create", "update", "import", "encrypt", "decrypt", "wrapKey", "unwrapKey", "sign", "verify"],
        ...["release", "rotate", "getrotationpolicy", "setrotationpolicy"],
      ]).nullish(),
      certificates: permissionList([
        ...OBJECT,
        ...["create", "update", "import", "managecontacts", "manageissuers"],
        ...["getissuers", "listissuers", "setissuers", "deleteissuers"],
      ]).nullish(),
      storage: permissionList([
        ...OBJECT,
        ...["set", "update", "regeneratekey", "setsas", "listsas", "getsas", "deletesas"],
      ]).nullish(),
    }),
  })
  .transform(({ tenantId, objectId, applicationId, permissions }): AccessPolicy => {
    const policy: AccessPolicy = { tenantId, objectId, permissions: {} };
    if (applicationId) policy.applicationId = applicationId;
    for (const type of POLICY_TYPES) {
      const names = permissions[type];
      if (names) policy.permissions[type] = names;
    }
    return policy;
  });

const POLICY_TYPES = ["keys", "secrets", "certificates", "storage"] as const;

export type PolicyOperation = "add" | "replace" | "remove";

/** Entries of one vault at most. Source: VaultProperties of the Key Vault management API. */
export const POLICY_COUNT_MAX = 1024;

function sameHolder(a: AccessPolicy, b: AccessPolicy): boolean {
  const key = (policy: AccessPolicy) =>
    `${policy.tenantId} ${policy.objectId} ${policy.applicationId ?? ""}`.toLowerCase();
  return key(a) === key(b);
}

/**
 * The list after the operation. `add` gives an existing entry the permissions it lacks, `replace` puts the given entry
 * in its place, `remove` takes only the given permissions and drops an entry that has none left. Entries of others are
 * never touched; neither is the list that was passed in.
 */
export function changePolicies(
  operation: PolicyOperation,
  current: readonly AccessPolicy[],
  given: readonly AccessPolicy[],
): AccessPolicy[] {
  let result = [...current];
  for (const policy of given) {
    const existing = result.find((candidate) => sameHolder(candidate, policy));
    if (!existing) {
      if (operation !== "remove") result.push(policy);
      continue;
    }
    const changed = operation === "replace" ? policy : combine(operation, existing, policy);
    result = result.flatMap((candidate) => {
      if (candidate !== existing) return [candidate];
      return operation === "remove" && isEmpty(changed) ? [] : [changed];
    });
  }
  return result;
}

function combine(operation: "add" | "remove", existing: AccessPolicy, given: AccessPolicy): AccessPolicy {
  const permissions = { ...existing.permissions };
  const has = (list: readonly string[], name: string) =>
    list.some((other) => other.toLowerCase() === name.toLowerCase());
  for (const type of POLICY_TYPES) {
    const names = given.permissions[type];
    if (!names) continue;
    const held = existing.permissions[type] ?? [];
    const left = has(names, "all") ? [] : held.filter((name) => !has(names, name));
    if (operation === "add") permissions[type] = [...held, ...names.filter((name) => !has(held, name))];
    else if (left.length > 0) permissions[type] = left;
    // A list that has none left goes, so that taking back what was added restores the entry as it was.
    else delete permissions[type];
  }
  return { ...existing, permissions };
}

function isEmpty(policy: AccessPolicy): boolean {
  return POLICY_TYPES.every((type) => (policy.permissions[type] ?? []).length === 0);
}
