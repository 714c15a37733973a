import { beforeAll, expect, test } from "vitest";
import { configureEntra } from "../../entra/runtime";
import { signAppToken } from "../../entra/token";
import { newSigningKey } from "../../folder";
import { handleKeyVault } from "../../keyvault/service";
import { makeRequest } from "../../keyvault/testing/tenant";
import { sharedEngine } from "../../loganalytics/shared-engine";
import type { Principal } from "../../model";
import { type ClockworkTenant, clockworkTenant, HOUR, MINUTE, START } from "./testing/tenant";

beforeAll(() => sharedEngine(clockworkTenant().context).warm(), 120_000);

const EVE: Principal = {
  oid: "e0e0e0e0-0000-4000-8000-000000000001",
  appId: "e0e0e0e0-0000-4000-8000-000000000002",
  kind: "ServicePrincipal",
  name: "eve",
  appRoles: [],
};

const RULE = {
  query: `union isfuzzy=true
      (AZKVAuditLogs | project TimeGenerated, OperationName, Uri = RequestUri, VaultId = _ResourceId, Oid = tostring(Identity.claim.oid), Ip = CallerIpAddress, Status = HttpStatusCode),
      (AzureDiagnostics | project TimeGenerated, OperationName, Uri = requestUri_s, VaultId = tolower(ResourceId), Oid = identity_claim_oid_g, Ip = CallerIPAddress, Status = toint(httpStatusCode_d))
    | where Uri contains '/secrets/old-admin-pw' and OperationName == 'SecretGet'`,
  displayName: "Decoy read",
  severity: "High",
  tactics: ["CredentialAccess"],
  customDetails: { Operation: "OperationName", Status: "Status" },
  entityMappings: [
    { entityType: "Account", fieldMappings: [{ identifier: "AadUserId", columnName: "Oid" }] },
    { entityType: "IP", fieldMappings: [{ identifier: "Address", columnName: "Ip" }] },
    { entityType: "AzureResource", fieldMappings: [{ identifier: "ResourceId", columnName: "VaultId" }] },
  ],
};

/** Reads a secret of a vault that logs to the workspace, as somebody without rights. */
async function touch(tenant: ClockworkTenant): Promise<{ status: number; vaultId: string }> {
  const { context } = tenant;
  const logged = [...context.model.diagnosticSettings.values()].find(
    ({ workspaceId }) => workspaceId?.toLowerCase() === tenant.workspace.id.toLowerCase(),
  );
  const vault = [...context.model.vaults.values()].find(({ id }) => id.toLowerCase() === logged?.vaultId.toLowerCase());
  if (!vault) throw new Error("No vault logs to the workspace.");
  context.model.vaults.put(vault.id, { ...vault, publicNetworkAccess: "Enabled" });
  const token = await signAppToken(context, EVE, "https://vault.azure.net", 3600);
  const request = makeRequest("GET", `https://${vault.name}.vault.azure.net/secrets/old-admin-pw?api-version=7.4`);
  const headers = { authorization: `Bearer ${token}`, "user-agent": "curl/8" };
  const { status } = await handleKeyVault({ ...request, headers }, context);
  return { status, vaultId: vault.id };
}

const signingKey = newSigningKey();

async function tenantWithRule(): Promise<ClockworkTenant> {
  const tenant = clockworkTenant({ vaults: 12, delays: {} });
  await configureEntra(tenant.context, { signingKey, apiSecret: "a", identityHeader: "b" });
  tenant.context.model.principals.put(EVE.oid, EVE);
  tenant.putRule("decoy", RULE);
  await tenant.advance(5 * MINUTE);
  return tenant;
}

test("a touch becomes a row, the row an alert, the alert an incident, each in its time", {
  timeout: 60_000,
}, async () => {
  const tenant = await tenantWithRule();
  const { status, vaultId } = await touch(tenant);
  expect(status).toBe(403);
  await tenant.advance(3 * MINUTE);
  expect(tenant.alerts()).toEqual([]);
  await tenant.advance(11 * MINUTE);
  expect(tenant.alerts()).toMatchObject([
    {
      displayName: "Decoy read",
      severity: "High",
      startTime: START + 5 * MINUTE,
      customDetails: { Operation: ["SecretGet"], Status: ["403"] },
      entities: [
        { type: "account", fields: { AadUserId: EVE.oid } },
        { type: "ip", fields: { Address: "203.0.113.9" } },
        { type: "azure-resource", fields: { ResourceId: vaultId.toLowerCase() } },
      ],
    },
  ]);
  const [alert] = tenant.alerts();
  expect(tenant.incidents()).toMatchObject([
    {
      title: "Decoy read",
      severity: "High",
      status: "New",
      incidentNumber: 1,
      alertIds: [alert?.systemAlertId],
      ruleIds: ["decoy"],
      createdAt: (alert?.processedAt ?? 0) + 30_000,
    },
  ]);
  const tables = [...tenant.context.model.logRows.values()].map(({ table }) => table);
  expect(tables.filter((table) => table === "SecurityAlert")).toHaveLength(1);
  expect(tables.filter((table) => table === "SecurityIncident")).toHaveLength(1);
});

test("the same calls at the same times leave the same, down to every id", { timeout: 60_000 }, async () => {
  const play = async () => {
    const tenant = await tenantWithRule();
    await touch(tenant);
    await touch(tenant);
    await tenant.advance(HOUR);
    const { alerts, incidents, logRows } = tenant.context.model;
    return [[...alerts.values()], [...incidents.values()], [...logRows.values()]];
  };
  expect(await play()).toEqual(await play());
});
