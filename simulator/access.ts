import type { Caller, Context } from "./context";
import type { AccessPolicy, Model, RoleAssignment, RoleDefinition, Vault } from "./model";
import { hierarchyVersion, reachOf } from "./policy/hierarchy";

/** What one role gives, in the form that ARM's `permissions` list and role definitions use. */
export interface Permissions {
  actions: string[];
  notActions: string[];
  dataActions: string[];
  notDataActions: string[];
}

/** How a vault decided about one data call. */
export interface DataDecision {
  allowed: boolean;
  /** GUID of the role assignment that allowed it; never set on a vault with access policies. */
  assignmentId?: string;
  /** True on a vault that uses access policies. */
  byPolicy: boolean;
}

/** A role assignment with what it says worked out. */
interface Grant {
  assignment: RoleAssignment;
  /** Lower case, no trailing slash; empty is the tenant root. */
  scope: string;
  role: RoleDefinition;
  control: (action: string) => boolean;
  data: (action: string) => boolean;
}

/** The actions that constrained delegation narrows, below Microsoft.Authorization. */
export type Delegated = "roleAssignments/write" | "roleAssignments/delete" | "roleAssignmentScheduleRequests/write";
const DELEGATED =
  /^microsoft\.authorization\/(roleassignments\/(write|delete)|roleassignmentschedulerequests\/write)$/i;

/** An ARM id or scope in the form in which scopes are compared: lower case, single slashes, none at the end. */
export function normaliseScope(scope: string): string {
  return `/${scope}`.replace(/\/+/g, "/").replace(/\/$/, "").toLowerCase();
}

/** True when what is assigned at `assigned` is inherited at `scope`: a prefix by whole segments. Both normalised. */
export function scopeCovers(assigned: string, scope: string): boolean {
  return scope === assigned || scope.startsWith(`${assigned}/`);
}

/** The GUID of a role, from the GUID itself or from any form of its ARM id. Lower case. */
export function roleGuid(roleDefinitionId: string): string {
  return (roleDefinitionId.split("/").pop() ?? "").toLowerCase();
}

/**
 * True when a role assignment of the caller, at or above `scope`, gives the control-plane action. An assignment with
 * constrained delegation gives the actions that assign roles only through `mayDelegate`, which sees what is assigned.
 */
export function mayControl(context: Context, caller: Caller, action: string, scope: string): boolean {
  const at = normaliseScope(scope);
  return grantsOf(context, caller).some(
    (grant) =>
      scopeCovers(grant.scope, at) && grant.control(action) && !(grant.assignment.mayAssign && DELEGATED.test(action)),
  );
}

/**
 * Whether the caller may write, schedule or delete this role assignment: `no` without the action, `condition` when the
 * action is there but its constrained delegation names neither this role nor this principal. That Azure holds a request
 * for a schedule against the condition of roleAssignments/write is not documented; it is the harder case for a caller.
 */
export function mayDelegate(
  context: Context,
  caller: Caller,
  delegated: Delegated,
  scope: string,
  target: { roleDefinitionId: string; principalId: string },
): "yes" | "condition" | "no" {
  const at = normaliseScope(scope);
  const action = `Microsoft.Authorization/${delegated}`;
  const holding = grantsOf(context, caller).filter((grant) => scopeCovers(grant.scope, at) && grant.control(action));
  if (holding.length === 0) return "no";
  const fits = holding.some(({ assignment: { mayAssign } }) => {
    if (!mayAssign) return true;
    return mayAssign.some(({ roleDefinitionIds, principalIds }) => {
      const role = roleDefinitionIds.some((id) => roleGuid(id) === roleGuid(target.roleDefinitionId));
      return role && principalIds.some((id) => id.toLowerCase() === target.principalId.toLowerCase());
    });
  });
  return fits ? "yes" : "condition";
}

/** The scopes (normalised) from which the caller inherits the action: for filtering a list without asking per row. */
export function scopesWith(context: Context, caller: Caller, action: string): string[] {
  return grantsOf(context, caller)
    .filter((grant) => grant.control(action))
    .map((grant) => grant.scope);
}

/** True when the caller holds any role at, above or below `scope`: what makes a subscription show up in a list. */
export function hasAnyAccess(context: Context, caller: Caller, scope: string): boolean {
  const at = normaliseScope(scope);
  return grantsOf(context, caller).some((grant) => scopeCovers(grant.scope, at) || scopeCovers(at, grant.scope));
}

/** What the caller's role assignments at or above `scope` give, one entry per assignment, as ARM lists it. */
export function permissionsAt(context: Context, caller: Caller, scope: string): Permissions[] {
  const at = normaliseScope(scope);
  return grantsOf(context, caller)
    .filter((grant) => scopeCovers(grant.scope, at))
    .map(({ role: { actions, notActions, dataActions, notDataActions } }) => ({
      actions,
      notActions,
      dataActions,
      notDataActions,
    }));
}

/**
 * Whether the vault lets the caller do a data action such as `Microsoft.KeyVault/vaults/secrets/getSecret/action`.
 *
 * A vault with role-based access ignores its policies and the other way round. A new role assignment or policy entry
 * is honoured only after `delays.grant`; one that was taken away ends at once, the harder case for whoever relies on it.
 * `objectName` also lets a role assigned on that one secret or key count, and tells `get` from `list` where one RBAC
 * action stands for both.
 */
export function mayData(
  context: Context,
  caller: Caller,
  dataAction: string,
  vault: Vault,
  objectName?: string,
): DataDecision {
  if (vault.enableRbacAuthorization !== true) {
    return { allowed: policyAllows(context, caller, dataAction, vault, objectName), byPolicy: true };
  }
  const kind = dataAction.split("/")[2] ?? "";
  const at = normaliseScope(objectName === undefined ? vault.id : `${vault.id}/${kind}/${objectName}`);
  const now = context.now();
  const grant = grantsOf(context, caller).find(
    (candidate) =>
      scopeCovers(candidate.scope, at) &&
      candidate.data(dataAction) &&
      candidate.assignment.createdAt + context.settings.delays.grant <= now,
  );
  return grant
    ? { allowed: true, assignmentId: grant.assignment.name, byPolicy: false }
    : { allowed: false, byPolicy: false };
}

/*
 * Role assignments by principal, worked out once per state of the two collections they come from.
 */

interface GrantIndex {
  /** When the first assignment of limited time ends: until then it holds. */
  until: number;
  assignments: number;
  roles: number;
  hierarchy: string;
  byPrincipal: Map<string, Grant[]>;
}

const indexes = new WeakMap<Model, GrantIndex>();
const compiled = new WeakMap<RoleDefinition, Pick<Grant, "control" | "data">>();

function grantsOf(context: Context, caller: Caller): Grant[] {
  const { roleAssignments, roleDefinitions } = context.model;
  const hierarchy = hierarchyVersion(context.model);
  const now = context.now();
  let index = indexes.get(context.model);
  if (
    (index?.until ?? 0) <= now ||
    index?.assignments !== roleAssignments.version ||
    index.roles !== roleDefinitions.version ||
    index.hierarchy !== hierarchy
  ) {
    index = {
      until: nextEnd(context.model.roleAssignments.values(), now),
      assignments: roleAssignments.version,
      roles: roleDefinitions.version,
      hierarchy,
      byPrincipal: indexGrants(context.model, now, hierarchy),
    };
    indexes.set(context.model, index);
  }
  return index.byPrincipal.get(caller.oid.toLowerCase()) ?? [];
}

/** When the first of the assignments of limited time ends that still run; infinity where there is none. */
function nextEnd(assignments: Iterable<RoleAssignment>, now: number): number {
  let first = Number.POSITIVE_INFINITY;
  for (const { schedule } of assignments) {
    if (schedule?.endsAt !== undefined && schedule.endsAt > now) first = Math.min(first, schedule.endsAt);
  }
  return first;
}

function indexGrants(model: Model, now: number, hierarchy: string): Map<string, Grant[]> {
  const byPrincipal = new Map<string, Grant[]>();
  for (const assignment of model.roleAssignments.values()) {
    if ((assignment.schedule?.endsAt ?? Number.POSITIVE_INFINITY) <= now) continue;
    const { principal, grants } = partsOf(model, assignment, hierarchy);
    const others = byPrincipal.get(principal);
    if (others) others.push(...grants);
    else byPrincipal.set(principal, [...grants]);
  }
  return byPrincipal;
}

interface Parts {
  role: RoleDefinition | undefined;
  hierarchy: string;
  principal: string;
  grants: readonly Grant[];
}

/** By document, of which a change is another one: with thousands of assignments each new one would work all out again. */
const worked = new WeakMap<RoleAssignment, Parts>();

function partsOf(model: Model, assignment: RoleAssignment, hierarchy: string): Parts {
  const role = model.roleDefinitions.get(roleGuid(assignment.roleDefinitionId));
  const known = worked.get(assignment);
  if (known && known.role === role && known.hierarchy === hierarchy) return known;
  // An assignment on a management group counts once for every group and subscription below it.
  const scopes = role === undefined ? [] : reachOf(model, normaliseScope(assignment.scope));
  const grants = scopes.flatMap((scope) => (role ? [{ assignment, role, scope, ...matchersOf(role) }] : []));
  const parts = { role, hierarchy, principal: assignment.principalId.toLowerCase(), grants };
  worked.set(assignment, parts);
  return parts;
}

function matchersOf(role: RoleDefinition): Pick<Grant, "control" | "data"> {
  let matchers = compiled.get(role);
  if (!matchers) {
    matchers = {
      control: matcher(role.actions, role.notActions),
      data: matcher(role.dataActions, role.notDataActions),
    };
    compiled.set(role, matchers);
  }
  return matchers;
}

/** `*` stands for any text, slashes included; case does not count. What is excluded is excluded from this role only. */
function matcher(included: string[], excluded: string[]): (action: string) => boolean {
  const yes = included.map(pattern);
  const no = excluded.map(pattern);
  return (action) => yes.some((regex) => regex.test(action)) && !no.some((regex) => regex.test(action));
}

function pattern(action: string): RegExp {
  const parts = action.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "i");
}

/*
 * Access policies name permissions by object type. Data actions map onto them; where policies are finer than RBAC
 * (get and list), the name of an object decides.
 */

type PolicyKind = "keys" | "secrets" | "certificates";

const RENAMED: Readonly<Record<string, string>> = {
  "secrets/getsecret": "get",
  "secrets/setsecret": "set",
  "secrets/update": "set",
  "secrets/readmetadata": "list",
  "keys/wrap": "wrapkey",
  "keys/unwrap": "unwrapkey",
};

function policyPermission(dataAction: string, named: boolean): { kind: PolicyKind; permission: string } | undefined {
  const match = /^microsoft\.keyvault\/vaults\/([a-z]+)\/([a-z]+)(?:\/action)?$/i.exec(dataAction);
  const type = match?.[1]?.toLowerCase() ?? "";
  const verb = match?.[2]?.toLowerCase() ?? "";
  if (type === "keyrotationpolicies") {
    return { kind: "keys", permission: verb === "read" ? "getrotationpolicy" : "setrotationpolicy" };
  }
  if (type !== "keys" && type !== "secrets" && type !== "certificates") return undefined;
  const permission = RENAMED[`${type}/${verb}`] ?? (verb === "read" ? (named ? "get" : "list") : verb);
  return { kind: type, permission };
}

function policyAllows(
  context: Context,
  caller: Caller,
  dataAction: string,
  vault: Vault,
  objectName?: string,
): boolean {
  const wanted = policyPermission(dataAction, objectName !== undefined);
  if (!wanted || !policyHolds(vault.accessPolicies, caller, wanted)) return false;
  const now = context.now();
  const spreading = vault.policyHistory?.find((earlier) => earlier.until > now);
  return spreading === undefined || policyHolds(spreading.accessPolicies, caller, wanted);
}

/** `all` stands for everything but `purge`, which is only ever given by name. */
function policyHolds(
  policies: readonly AccessPolicy[],
  caller: Caller,
  wanted: { kind: PolicyKind; permission: string },
): boolean {
  return policies.some(
    (policy) =>
      policy.objectId.toLowerCase() === caller.oid.toLowerCase() &&
      (policy.applicationId === undefined || policy.applicationId.toLowerCase() === caller.appId.toLowerCase()) &&
      (policy.permissions[wanted.kind] ?? []).some((given) => {
        const permission = given.toLowerCase();
        return permission === wanted.permission || (permission === "all" && wanted.permission !== "purge");
      }),
  );
}
