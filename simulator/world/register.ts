import type { Context } from "../context";
import { type AuditEvent, auditValues } from "../loganalytics/row-shape";
import type { LogTable } from "../model";
import { worldGuid, worldIds } from "./ids";
import { decoyDeletedAt, decoyVersion } from "./objects";
import type { DecoyPlan, VaultPlan } from "./plan";
import { serviceIdentity, teamPrincipals } from "./principals";
import { USER_AGENTS } from "./words";

const MINUTE = 60_000;
const DAY = 86_400_000;

/**
 * Fills the published register (the watchlist with its items) and the rows that its decoys left in the log: planting
 * by the planter, deletion by people, and the platform's own expiry notices, which are no touch.
 */
export function createRegister(context: Context, vaults: VaultPlan[]): void {
  const { model, identity } = context;
  const { workspace, watchlistAlias, identities } = worldIds(context);
  const createdAt = identity.firstStart - 700 * DAY;
  model.watchlists.put(`${workspace.resourceId}/${watchlistAlias}`, {
    workspaceId: workspace.resourceId,
    alias: watchlistAlias,
    watchlistId: worldGuid(context, "watchlist"),
    displayName: watchlistAlias,
    provider: "Custom",
    source: "Local file",
    itemsSearchKey: "ResourceId",
    etag: `"${worldGuid(context, "watchlist/etag")}"`,
    createdAt,
    updatedAt: createdAt,
    createdBy: identities.registrar.objectId,
  });
  for (const vault of vaults) {
    for (const decoy of vault.decoys) {
      putItem(context, vault, decoy);
      putDecoyRows(context, vault, decoy);
    }
  }
}

function putItem(context: Context, vault: VaultPlan, decoy: DecoyPlan): void {
  const { workspace, watchlistAlias, identities } = worldIds(context);
  const itemId = worldGuid(context, `item/${vault.id}/${decoy.kind}/${decoy.name}`);
  const at = decoy.plantedAt + 3 * MINUTE;
  context.model.watchlistItems.put(`${workspace.resourceId}/${watchlistAlias}/${itemId}`, {
    workspaceId: workspace.resourceId,
    alias: watchlistAlias,
    itemId,
    fields: itemFields(vault, decoy, identities.planter.objectId),
    etag: `"${worldGuid(context, `item-etag/${itemId}`)}"`,
    createdAt: at,
    updatedAt: at,
    createdBy: identities.registrar.objectId,
    visibleAt: at,
  });
}

function itemFields(vault: VaultPlan, decoy: DecoyPlan, planterOid: string): Record<string, string> {
  const legacy = vault.register === "legacy";
  const kind = decoy.kind === "secret" ? "secrets" : "keys";
  return {
    ResourceProvider: "Microsoft.KeyVault",
    ResourceId: vault.id,
    HoneyToken: decoy.name,
    Properties: JSON.stringify({ Type: decoy.kind }),
    TokenKey: legacy ? "" : `${vault.id}/${kind}/${decoy.name}`.toLowerCase(),
    State: legacy ? "" : "live",
    PlanterOid: legacy ? "" : planterOid,
    WindowStart: legacy ? "" : new Date(decoy.plantedAt - 4 * MINUTE).toISOString(),
    WindowEnd: legacy ? "" : new Date(decoy.plantedAt + 12 * MINUTE).toISOString(),
  };
}

function putDecoyRows(context: Context, vault: VaultPlan, decoy: DecoyPlan): void {
  const logging = vault.workspaceLogging;
  if (!logging) return;
  const logged = (at: number) => at >= logging.effectiveAt && at < (logging.endedAt ?? Number.POSITIVE_INFINITY);
  const put = (event: AuditEvent, at: number) => {
    if (!logged(at)) return;
    for (const table of [logging.table, ...(logging.alsoTable ? [logging.alsoTable] : [])]) {
      context.model.logRows.add({
        table: table satisfies LogTable,
        timeGenerated: at,
        ingestedAt: at + 4 * MINUTE,
        values: auditValues(table, event),
      });
    }
  };
  put(planting(context, vault, decoy), decoy.plantedAt);
  const deletedAt = decoyDeletedAt(vault, decoy);
  if (deletedAt !== undefined) put(deletion(context, vault, decoy), deletedAt);
  else if (vault.index % 5 === 0 && decoy.kind === "secret")
    put(notice(context, vault, decoy), decoy.plantedAt + 2 * DAY);
}

function planting(context: Context, vault: VaultPlan, decoy: DecoyPlan): AuditEvent {
  const planter = serviceIdentity(context, "planter");
  return {
    ...common(context, vault, decoy, "planting"),
    operation: decoy.kind === "secret" ? "SecretSet" : "KeyCreate",
    requestUri: `${uriOf(vault, decoy)}${decoy.kind === "secret" ? "" : "/create"}?api-version=7.6`,
    objectUri: `${uriOf(vault, decoy)}/${decoyVersion(vault, decoy)}`,
    caller: {
      oid: planter.oid,
      appId: planter.appId ?? "",
      kind: planter.kind,
      ...(planter.managedIdentityId && { managedIdentityId: planter.managedIdentityId }),
    },
    callerAddress: "20.61.10.44",
    userAgent: "azsdk-js-keyvault-secrets/4.12.0 Node/22.23.4 (Linux)",
    ...(decoy.kind === "key" && { key: { type: "RSA", size: 2048 } }),
  };
}

/** Somebody tidied up: the team's contact deleted the object in the portal. */
function deletion(context: Context, vault: VaultPlan, decoy: DecoyPlan): AuditEvent {
  const { contact } = teamPrincipals(context, vault.group.team);
  return {
    ...common(context, vault, decoy, "deletion"),
    operation: decoy.kind === "secret" ? "SecretDelete" : "KeyDelete",
    requestUri: `${uriOf(vault, decoy)}?api-version=7.6`,
    objectUri: uriOf(vault, decoy),
    caller: { oid: contact.oid, appId: contact.appId ?? "", kind: "User", ...(contact.upn && { upn: contact.upn }) },
    callerAddress: "203.0.113.27",
    userAgent: USER_AGENTS.portal,
  };
}

function notice(context: Context, vault: VaultPlan, decoy: DecoyPlan): AuditEvent {
  const { decision: _, ...rest } = common(context, vault, decoy, "notice");
  return {
    ...rest,
    operation: "SecretNearExpiryEventGridNotification",
    requestUri: uriOf(vault, decoy),
    objectUri: `${uriOf(vault, decoy)}/${decoyVersion(vault, decoy)}`,
    callerAddress: "",
    userAgent: USER_AGENTS.platform,
  };
}

function common(context: Context, vault: VaultPlan, decoy: DecoyPlan, what: string) {
  const byPolicy = vault.model === "policies";
  return {
    vault: {
      id: vault.id,
      name: vault.name,
      subscriptionId: vault.group.subscriptionId,
      resourceGroup: vault.group.name,
    },
    status: 200,
    correlationId: worldGuid(context, `row/${vault.id}/${decoy.name}/${what}`),
    durationMs: 20 + (vault.index % 60),
    apiVersion: "7.6",
    decision: {
      byPolicy,
      allowed: true,
      ...(!byPolicy && { assignmentId: worldGuid(context, `grant/${vault.id}`) }),
    },
  };
}

function uriOf(vault: VaultPlan, decoy: DecoyPlan): string {
  return `https://${vault.name}.vault.azure.net/${decoy.kind === "secret" ? "secrets" : "keys"}/${decoy.name}`;
}
