import { mayControl } from "../access";
import { ofVault } from "../by-vault";
import type { Call } from "../context";
import { AzureError, type Router, type SimResponse } from "../http";
import type { DiagnosticSetting, Vault } from "../model";
import { flatly } from "../monitor/flat-errors";
import { recordActivity } from "./activity";
import {
  deleteActivitySetting,
  getActivitySetting,
  listActivitySettings,
  putActivitySetting,
} from "./activity-settings";
import { categoriesOf, DiagnosticBody, LOG_CATEGORIES, readSetting, settingBody } from "./diagnostic-body";
import { badRequest, conflict, linkedAuthorizationFailed } from "./errors";
import { noContent, ok, readBody } from "./respond";
import { authorize, requireScope, type Scope } from "./scope";

const SETTINGS = "/{scope*}/providers/Microsoft.Insights/diagnosticSettings";
const CATEGORIES = "/{scope*}/providers/Microsoft.Insights/diagnosticSettingsCategories";
const READ = "Microsoft.Insights/diagnosticSettings/read";
const WRITE = "Microsoft.Insights/diagnosticSettings/write";

/** What a writer of settings needs on the workspace that receives the log. */
const LINKED = "Microsoft.OperationalInsights/workspaces/sharedKeys/action";

/** Settings of one resource at most. Source: Azure Monitor limits. */
const SETTINGS_MAX = 5;

/** Diagnostic settings of a vault or a subscription: list, get, put, delete; the categories that a vault offers. */
export function routeDiagnosticSettings(router: Router<Call>): void {
  router.on("GET", SETTINGS, (call, params) => {
    authorize(call, READ, params.scope ?? "");
    const scope = requireScope(call, params.scope ?? "");
    if (scope.kind === "subscription") return listActivitySettings(call, scope.subscription);
    // Other resources answer the empty list of one without any.
    return ok({ value: scope.kind === "vault" ? settingsOf(call, scope.vault).map(settingBody) : [] });
  });

  router.on("GET", `${SETTINGS}/{n}`, (call, params) => {
    authorize(call, READ, params.scope ?? "");
    const scope = requireScope(call, params.scope ?? "");
    return flatly(() => {
      if (scope.kind === "subscription") return getActivitySetting(call, scope.subscription, params.n ?? "");
      const vault = requireVaultScope(scope);
      const found = call.model.diagnosticSettings.get(`${vault.id}/${params.n}`);
      if (!found) throw notFound("setting", params.n ?? "");
      return ok(settingBody(found));
    });
  });

  router.on("PUT", `${SETTINGS}/{n}`, put);

  router.on("DELETE", `${SETTINGS}/{n}`, (call, params) => {
    const action = "Microsoft.Insights/diagnosticSettings/delete";
    authorize(call, action, params.scope ?? "");
    const scope = requireScope(call, params.scope ?? "");
    const name = params.n ?? "";
    if (scope.kind === "subscription") {
      const answer = deleteActivitySetting(call, scope.subscription, name);
      const id = `${scope.id}/providers/Microsoft.Insights/diagnosticSettings/${name}`;
      if (answer.status === 200) recordActivity(call, { action, scope: id, status: 200 });
      return answer;
    }
    const vault = flatly(() => requireVaultScope(scope));
    if (!call.model.diagnosticSettings.delete(`${vault.id}/${params.n}`)) return noContent();
    recordActivity(call, { action, scope: settingScope(vault, params.n ?? ""), status: 200 });
    return { status: 200 };
  });

  router.on("GET", CATEGORIES, (call, params) => {
    authorize(call, "Microsoft.Insights/diagnosticSettingsCategories/read", params.scope ?? "");
    const scope = requireScope(call, params.scope ?? "");
    return flatly(() => ok({ value: categories(requireVaultScope(scope)) }));
  });

  router.on("GET", `${CATEGORIES}/{n}`, (call, params) => {
    authorize(call, "Microsoft.Insights/diagnosticSettingsCategories/read", params.scope ?? "");
    const scope = requireScope(call, params.scope ?? "");
    return flatly(() => {
      const all = categories(requireVaultScope(scope));
      const found = all.find(({ name }) => name.toLowerCase() === params.n?.toLowerCase());
      if (!found) throw notFound("settings category", params.n ?? "");
      return ok(found);
    });
  });
}

function requireVaultScope(scope: Scope): Vault {
  if (scope.kind === "vault") return scope.vault;
  throw badRequest(
    `The resource type of '${scope.id}' does not support diagnostic settings.`,
    "ResourceTypeNotSupported",
  );
}

function settingScope(vault: Vault, name: string): string {
  return `${vault.id}/providers/Microsoft.Insights/diagnosticSettings/${name}`;
}

function notFound(kind: "setting" | "settings category", name: string): AzureError {
  return new AzureError(404, "ResourceNotFound", `The diagnostic ${kind} '${name}' doesn't exist.`);
}

function settingsOf(call: Call, vault: Vault): DiagnosticSetting[] {
  return [...ofVault(call.model.diagnosticSettings, vault.id)];
}

function put(call: Call, params: Record<string, string>): SimResponse {
  const name = params.n ?? "";
  authorize(call, WRITE, params.scope ?? "");
  const scope = requireScope(call, params.scope ?? "");
  return flatly(() => {
    checkName(name);
    if (scope.kind !== "subscription") return putSetting(call, requireVaultScope(scope), name);
    const id = `${scope.id}/providers/Microsoft.Insights/diagnosticSettings/${name}`;
    const answer = putActivitySetting(call, scope.subscription, {
      name,
      checkWorkspace: (workspaceId) => checkWorkspace(call, id, workspaceId),
    });
    recordActivity(call, { action: WRITE, scope: id, status: 200 });
    return answer;
  });
}

function checkName(name: string): void {
  if (name.length > 260 || /[*&%/\\?<>:]/.test(name))
    throw badRequest(`The name '${name}' of the diagnostic setting is invalid.`);
}

function putSetting(call: Call, vault: Vault, name: string): SimResponse {
  const wanted = readSetting(readBody(call, DiagnosticBody).properties);
  const scope = settingScope(vault, name);
  const { workspaceId } = wanted;
  if (workspaceId !== undefined) checkWorkspace(call, scope, workspaceId);
  const others = settingsOf(call, vault).filter((setting) => setting.name.toLowerCase() !== name.toLowerCase());
  checkOthers(others, wanted);
  const present = call.model.diagnosticSettings.get(`${vault.id}/${name}`);
  const setting: DiagnosticSetting = {
    vaultId: vault.id,
    name: present?.name ?? name,
    ...wanted,
    ...times(call, present, wanted),
  };
  call.model.diagnosticSettings.put(`${vault.id}/${name}`, setting);
  recordActivity(call, { action: WRITE, scope, status: 200 });
  return ok(settingBody(setting));
}

/** A setting that says the same as before goes on as before; anything else starts to apply after the delay. */
function times(call: Call, present: DiagnosticSetting | undefined, wanted: ReturnType<typeof readSetting>) {
  const now = call.now();
  if (present) {
    const { vaultId, name, createdAt, effectiveAt } = present;
    const same = { vaultId, name, createdAt, effectiveAt, ...wanted };
    if (JSON.stringify(settingBody(present)) === JSON.stringify(settingBody(same))) return { createdAt, effectiveAt };
  }
  return { createdAt: now, effectiveAt: now + call.settings.delays.diagnostics };
}

function checkWorkspace(call: Call, scope: string, workspaceId: string): void {
  // The linked right is asked first and the answer is the same for a workspace that does not exist.
  if (!mayControl(call, call.caller, LINKED, workspaceId)) {
    throw linkedAuthorizationFailed(call, WRITE, scope, LINKED, workspaceId);
  }
  if (!call.model.workspaces.get(workspaceId)) {
    throw new AzureError(404, "ResourceNotFound", `The Log Analytics workspace '${workspaceId}' was not found.`);
  }
}

function checkOthers(others: readonly DiagnosticSetting[], wanted: ReturnType<typeof readSetting>): void {
  const categories = categoriesOf(wanted);
  for (const other of others) {
    const taken = [...categoriesOf(other)].find((category) => categories.has(category));
    for (const sink of ["workspaceId", "storageAccountId", "eventHubAuthorizationRuleId"] as const) {
      const same = wanted[sink] !== undefined && other[sink]?.toLowerCase() === wanted[sink]?.toLowerCase();
      if (same && taken !== undefined) {
        throw conflict(
          `Data sink '${wanted[sink]}' is already used in diagnostic setting '${other.name}' for category '${taken}'. Data sinks can't be reused in different settings on the same category for the same resource.`,
        );
      }
    }
  }
  if (others.length >= SETTINGS_MAX) {
    throw conflict(
      `The limit of ${SETTINGS_MAX} diagnostic settings was reached. To create new diagnostic setting, delete an existing one.`,
    );
  }
}

function categories(vault: Vault) {
  const base = `${vault.id.toLowerCase()}/providers/microsoft.insights/diagnosticSettingsCategories`;
  const type = "microsoft.insights/diagnosticSettingsCategories";
  const logs = Object.entries(LOG_CATEGORIES).map(([name, categoryGroups]) => ({
    id: `${base}/${name}`,
    name,
    type,
    properties: { categoryType: "Logs", categoryGroups: [...categoryGroups] },
  }));
  return [...logs, { id: `${base}/AllMetrics`, name: "AllMetrics", type, properties: { categoryType: "Metrics" } }];
}
