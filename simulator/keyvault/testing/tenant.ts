import { randomBytes } from "node:crypto";
import type { Caller, Context } from "../../context";
import { REAL_DELAYS } from "../../delays";
import { configureEntra } from "../../entra/runtime";
import { signAppToken } from "../../entra/token";
import { newSigningKey } from "../../folder";
import type { SimRequest, SimResponse } from "../../http";
import { tenantGuid, tenantIdentity } from "../../identity";
import { type DiagnosticSetting, model, type Principal, type Vault, type Workspace } from "../../model";
import { State } from "../../state";
import { handleKeyVault } from "../service";

/** A tenant of one vault, one workspace and two identities, with a clock that stands until it is moved. */
export interface TestTenant {
  context: Context;
  vault: Vault;
  workspace: Workspace;
  /** Holds every data right of the vault; `stranger` holds none. */
  officer: Principal;
  stranger: Principal;
  caller(principal: Principal): Caller;
  advance(milliseconds: number): void;
  /** Replaces the vault's document. */
  changeVault(change: Partial<Vault>): void;
  /** Adds a diagnostic setting that is in effect, to the workspace unless `workspaceId` says otherwise. */
  addSetting(setting: TestSetting): void;
  /** One call to the vault as that principal (the officer when left out, nobody for `null`). */
  send(method: string, pathAndQuery: string, options?: SendOptions): Promise<SimResponse & { body: unknown }>;
}

type TestSetting = Partial<Omit<DiagnosticSetting, "workspaceId">> & { name: string; workspaceId?: string | null };

interface SendOptions {
  as?: Principal | null;
  body?: unknown;
  address?: string;
  headers?: Record<string, string>;
  host?: string;
}

const SUBSCRIPTION = "6f0d6a6e-52d0-4f5e-9b9a-6e9b1f5a0001";
const VAULT_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-Pay/providers/Microsoft.KeyVault/vaults/kv-pay`;
const NOON = Date.UTC(2026, 9, 1, 12);
// One key for all tests of a file: making one takes longer than everything else here.
const signingKey = newSigningKey();

export async function makeTenant(): Promise<TestTenant> {
  const seed = { seed: 1, vaults: 1, firstStart: NOON };
  const documents = model(new State());
  let now = NOON;
  const delays = { ...REAL_DELAYS, watchlist: 0, grant: 0, diagnostics: 0, resourceGraph: 0 };
  const context: Context = {
    settings: { port: 0, seed: 1, vaults: 1, appOrigin: "http://localhost:3000", delays, throttle: true },
    identity: tenantIdentity(seed),
    model: documents,
    now: () => now,
    random: Math.random,
  };
  await configureEntra(context, { signingKey, apiSecret: "unused", identityHeader: "unused" });
  const officer = principal("officer", `${VAULT_ID}/identity`);
  const stranger = principal("stranger");
  for (const person of [officer, stranger]) documents.principals.put(person.oid, person);
  const vault = makeVault();
  documents.vaults.put(vault.id, vault);
  const workspace = makeWorkspace();
  documents.workspaces.put(workspace.id, workspace);
  giveDataRole(context, officer);

  const tenant: TestTenant = {
    context,
    vault,
    workspace,
    officer,
    stranger,
    caller: callerOf,
    advance: (milliseconds) => {
      now += milliseconds;
    },
    changeVault: (change) => {
      documents.vaults.put(VAULT_ID, { ...(documents.vaults.get(VAULT_ID) ?? vault), ...change });
    },
    addSetting: ({ workspaceId = workspace.id, ...setting }) => {
      documents.diagnosticSettings.put(`${VAULT_ID}/${setting.name}`, {
        vaultId: VAULT_ID,
        ...(workspaceId !== null && { workspaceId }),
        logs: [{ categoryGroup: "audit", enabled: true }],
        createdAt: now,
        effectiveAt: now,
        ...setting,
      });
    },
    send: async (method, pathAndQuery, { as = officer, body, address, headers = {}, host } = {}) => {
      const request = makeRequest(method, `https://${host ?? "kv-pay.vault.azure.net"}${pathAndQuery}`, body);
      const token = as && (await signAppToken(context, as, "https://vault.azure.net", 3600));
      const response = await handleKeyVault(
        {
          ...request,
          headers: { "user-agent": "test-agent/1.0", ...(token && { authorization: `Bearer ${token}` }), ...headers },
          callerAddress: address ?? "203.0.113.9",
        },
        context,
      );
      return { ...response, body: response.body };
    },
  };
  return tenant;
}

/** A request as the server hands it to a service. */
export function makeRequest(method: string, url: string, body?: unknown): SimRequest {
  const { hostname, pathname, searchParams } = new URL(url);
  const text = body === undefined ? "" : JSON.stringify(body);
  return {
    method,
    host: hostname,
    path: decodeURIComponent(pathname).replace(/\/{2,}/g, "/"),
    query: searchParams,
    headers: {},
    text,
    json: () => JSON.parse(text),
    callerAddress: "203.0.113.9",
  };
}

/** The text at `error.message` and the like of an answer; fails by name when there is none. */
export function textAt(answer: { body?: unknown }, path: string): string {
  const found = valueAt(answer.body, path);
  if (typeof found !== "string") throw new Error(`no text at ${path} of ${JSON.stringify(answer.body)}`);
  return found;
}

/** The list at `value` (or elsewhere) of an answer. */
export function listAt(answer: { body?: unknown }, path = "value"): unknown[] {
  const found = valueAt(answer.body, path);
  if (!Array.isArray(found)) throw new Error(`no list at ${path} of ${JSON.stringify(answer.body)}`);
  return found;
}

function valueAt(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((at, name) => (typeof at === "object" && at !== null ? Reflect.get(at, name) : undefined), value);
}

function callerOf({ oid, appId = oid, kind, upn, managedIdentityId }: Principal): Caller {
  return { oid, appId, kind, ...(upn && { upn }), ...(managedIdentityId && { managedIdentityId }) };
}

function principal(name: string, managedIdentityId?: string): Principal {
  const seed = { seed: 1, vaults: 1, firstStart: NOON };
  return {
    oid: tenantGuid(seed, `${name}/oid`),
    appId: tenantGuid(seed, `${name}/app`),
    kind: "ServicePrincipal",
    name,
    appRoles: [],
    ...(managedIdentityId && { managedIdentityId }),
  };
}

function makeVault(): Vault {
  return {
    id: VAULT_ID,
    name: "kv-pay",
    subscriptionId: SUBSCRIPTION,
    resourceGroup: "rg-Pay",
    location: "westeurope",
    tags: {},
    createdAt: NOON,
    enableRbacAuthorization: true,
    accessPolicies: [],
    publicNetworkAccess: "Enabled",
    softDeleteRetentionInDays: 90,
  };
}

function makeWorkspace(): Workspace {
  const id = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-Sec/providers/Microsoft.OperationalInsights/workspaces/law`;
  return {
    id,
    name: "law",
    subscriptionId: SUBSCRIPTION,
    resourceGroup: "rg-Sec",
    location: "westeurope",
    customerId: "0f6d0f1e-6d5c-4a7e-8c0a-000000000001",
    tablePlans: {},
  };
}

/** A role with these data actions (all of Key Vault's when left out) on the vault, honoured at once. */
function giveDataRole(context: Context, to: Principal, dataActions = ["Microsoft.KeyVault/vaults/*"]): void {
  giveRole(context, to, { dataActions }, VAULT_ID);
}

/** A custom role of these actions, assigned at `scope`. */
export function giveRole(
  context: Context,
  to: Principal,
  permissions: { actions?: string[]; dataActions?: string[] },
  scope: string,
): void {
  const roleId = randomGuid();
  context.model.roleDefinitions.put(roleId, {
    id: roleId,
    name: `role ${roleId}`,
    actions: permissions.actions ?? [],
    notActions: [],
    dataActions: permissions.dataActions ?? [],
    notDataActions: [],
    custom: true,
  });
  const name = randomGuid();
  const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
  context.model.roleAssignments.put(id, {
    id,
    name,
    scope,
    principalId: to.oid,
    principalType: "ServicePrincipal",
    roleDefinitionId: roleId,
    createdAt: context.now(),
    createdBy: to.oid,
  });
}

function randomGuid(): string {
  const hex = randomBytes(16).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}
