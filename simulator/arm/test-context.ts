import { randomUUID } from "node:crypto";
import type { Call, Caller, Context, Delays } from "../context";
import { REAL_DELAYS } from "../delays";
import type { SimResponse } from "../http";
import { model, type Principal, type RoleAssignment, type Vault, type Workspace } from "../model";
import { State } from "../state";
import { handleArm } from "./service";

/*
 * A small tenant in memory for the tests of the control plane: two subscriptions, two groups, three vaults, one
 * workspace, and a clock that stands until it is moved.
 */

export const SUBSCRIPTION = "11111111-1111-4111-8111-111111111111";
export const OTHER_SUBSCRIPTION = "22222222-2222-4222-8222-222222222222";
export const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-app`;
export const GROUP_TWIN = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-app-two`;
export const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/kv-one`;
export const RBAC_VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/kv-rbac`;
const TWIN_VAULT = `${GROUP_TWIN}/providers/Microsoft.KeyVault/vaults/kv-two`;
export const WORKSPACE = `${GROUP}/providers/Microsoft.OperationalInsights/workspaces/law`;
export const TENANT = "33333333-3333-4333-8333-333333333333";
export const NOON = Date.UTC(2026, 9, 1, 12);

const NO_DELAYS: Delays = {
  ...REAL_DELAYS,
  ingestionMin: 0,
  ingestionMax: 0,
  watchlist: 0,
  grant: 0,
  diagnostics: 0,
  resourceGraph: 0,
  roleScheduleMinimum: 0,
};

export interface ArmTenant {
  context: Context;
  advance(milliseconds: number): void;
  person(name: string): Principal;
  /** A custom role of these permissions; answers its GUID. */
  role(permissions: { actions?: string[]; notActions?: string[]; dataActions?: string[] }): string;
  assign(to: Principal, roleId: string, scope: string, mayAssign?: RoleAssignment["mayAssign"]): RoleAssignment;
  /** Somebody with these control-plane actions at the scope. */
  personWith(actions: string[], scope: string): Principal;
  call(as: Principal, method: string, pathAndQuery: string, body?: unknown): Call;
  /** The answer to a call; `version` is added unless the path has one. */
  send(as: Principal, method: string, path: string, body?: unknown): Promise<SimResponse & { body: Answer }>;
}

/** An answer's body as a test reads it. */
export interface Answer {
  [key: string]: Answer;
}

/** A body as a test reads it. */
export function answerOf(body: unknown): Answer {
  // Tests name the fields they expect; a field that is not there fails the expectation.
  return (body ?? {}) as Answer;
}

export function makeArmTenant(
  options: { delays?: Partial<Delays>; throttle?: boolean; withoutP2?: true } = {},
): ArmTenant {
  let now = NOON;
  const documents = model(new State());
  const context: Context = {
    settings: {
      port: 0,
      seed: 1,
      vaults: 3,
      appOrigin: "http://localhost:3000",
      delays: { ...NO_DELAYS, ...options.delays },
      throttle: options.throttle ?? false,
      ...(options.withoutP2 && { withoutP2: true }),
    },
    identity: { tenantId: TENANT, spaClientId: randomUUID(), apiClientId: randomUUID(), firstStart: NOON },
    model: documents,
    now: () => now,
    random: () => 0.5,
  };
  fill(context);
  const person = (name: string): Principal => {
    const principal: Principal = { oid: randomUUID(), kind: "User", name, upn: `${name}@contoso.test`, appRoles: [] };
    documents.principals.put(principal.oid, principal);
    return principal;
  };
  const role: ArmTenant["role"] = ({ actions = [], notActions = [], dataActions = [] }) => {
    const id = randomUUID();
    const definition = { id, name: `role ${id}`, actions, notActions, dataActions, notDataActions: [], custom: true };
    documents.roleDefinitions.put(id, definition);
    return id;
  };
  const assign: ArmTenant["assign"] = (to, roleId, scope, mayAssign) => {
    const name = randomUUID();
    const assignment: RoleAssignment = {
      id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
      name,
      scope,
      principalId: to.oid,
      principalType: to.kind,
      roleDefinitionId: roleId,
      createdAt: now,
      createdBy: to.oid,
      ...(mayAssign ? { mayAssign } : {}),
    };
    documents.roleAssignments.put(assignment.id, assignment);
    return assignment;
  };
  const call: ArmTenant["call"] = (as, method, pathAndQuery, body) => ({
    ...context,
    caller: callerOf(as),
    request: requestOf(method, pathAndQuery, body),
  });
  return {
    context,
    person,
    role,
    assign,
    call,
    advance: (milliseconds) => {
      now += milliseconds;
    },
    personWith: (actions, scope) => {
      const someone = person(`p${documents.principals.size}`);
      assign(someone, role({ actions }), scope);
      return someone;
    },
    send: async (as, method, path, body) => {
      const response = await handleArm(call(as, method, withVersion(path), body));
      return { ...response, body: answerOf(response.body) };
    },
  };
}

function fill({ model: documents }: Context): void {
  for (const id of [SUBSCRIPTION, OTHER_SUBSCRIPTION])
    documents.subscriptions.put(id, { id, name: `Subscription ${id[0]}` });
  for (const id of [GROUP, GROUP_TWIN]) {
    const name = id.split("/").pop() ?? "";
    documents.resourceGroups.put(id, { id, subscriptionId: SUBSCRIPTION, name, location: "westeurope", tags: {} });
  }
  for (const id of [VAULT, RBAC_VAULT, TWIN_VAULT]) documents.vaults.put(id, makeVault(id));
  documents.vaults.put(RBAC_VAULT, { ...makeVault(RBAC_VAULT), enableRbacAuthorization: true });
  const workspace: Workspace = {
    id: WORKSPACE,
    name: "law",
    subscriptionId: SUBSCRIPTION,
    resourceGroup: "rg-app",
    location: "westeurope",
    customerId: randomUUID(),
    tablePlans: { AZKVAuditLogs: "Basic" },
  };
  documents.workspaces.put(WORKSPACE, workspace);
}

/** A vault with access policies under that id. */
export function makeVault(id: string): Vault {
  const [, subscriptionId = "", , resourceGroup = "", , , , name = ""] = id.split("/").filter(Boolean);
  return {
    id,
    name,
    subscriptionId,
    resourceGroup,
    location: "westeurope",
    tags: {},
    createdAt: NOON,
    accessPolicies: [],
    publicNetworkAccess: "Enabled",
    softDeleteRetentionInDays: 90,
  };
}

export function callerOf({ oid, appId = oid, kind, upn, name }: Principal): Caller {
  return { oid, appId, kind, name, ...(upn === undefined ? {} : { upn }) };
}

function requestOf(method: string, pathAndQuery: string, body: unknown): Call["request"] {
  const url = new URL(`https://management.azure.com${pathAndQuery}`);
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  return {
    method,
    host: url.hostname,
    path: decodeURIComponent(url.pathname).replace(/\/+/g, "/"),
    query: url.searchParams,
    headers: { "user-agent": "test" },
    text,
    json: () => JSON.parse(text),
    callerAddress: "203.0.113.9",
  };
}

/** Versions that every type behind the word accepts. */
const VERSIONS: readonly [RegExp, string][] = [
  [/SecurityInsights/i, "2022-09-01-preview"],
  [/Microsoft\.Insights\/actionGroups/i, "2023-01-01"],
  [/Microsoft\.Insights\/scheduledQueryRules/i, "2023-12-01"],
  [/Microsoft\.Insights\/eventtypes/i, "2015-04-01"],
  [/Microsoft\.Insights/i, "2021-05-01-preview"],
  [/Microsoft\.Security\/pricings/i, "2024-01-01"],
  [/Microsoft\.Security\/(locations|alerts$)/i, "2022-01-01"],
  [/Microsoft\.Security\/(assessments\/[^/]+\/subAssessments|subAssessments)/i, "2019-01-01-preview"],
  [/Microsoft\.Security\/assessment/i, "2021-06-01"],
  [/Microsoft\.Security\/secureScore/i, "2020-01-01"],
  [/Microsoft\.Security\/settings/i, "2022-05-01"],
  [/Microsoft\.Security\//i, "2019-01-01-preview"],
  [/Microsoft\.Storage/i, "2023-05-01"],
  [/Microsoft\.Compute/i, "2024-07-01"],
  [/Microsoft\.Authorization\/roleAssignmentSchedule/i, "2020-10-01"],
  [/Microsoft\.Authorization/i, "2022-04-01"],
  [/Microsoft\.Resources|ResourceGraph/i, "2024-03-01"],
  [/OperationalInsights/i, "2022-10-01"],
  [/KeyVault/i, "2023-07-01"],
];

function withVersion(path: string): string {
  if (/api(-|%2D)version/i.test(path)) return path;
  const provider =
    path
      .split("?")[0]
      ?.split(/\/providers\//i)
      .pop() ?? "";
  const version = /ResourceGraph/i.test(provider)
    ? "2024-04-01"
    : (VERSIONS.find(([word]) => word.test(provider))?.[1] ?? "2022-12-01");
  return `${path}${path.includes("?") ? "&" : "?"}api-version=${version}`;
}
