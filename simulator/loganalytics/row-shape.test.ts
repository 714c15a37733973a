import { describe, expect, test } from "vitest";
import { type AuditEvent, auditValues } from "./row-shape";

const event: AuditEvent = {
  vault: {
    id: "/subscriptions/5d1c/resourceGroups/rg-Pay/providers/Microsoft.KeyVault/vaults/kv-pay",
    name: "kv-pay",
    subscriptionId: "5d1c",
    resourceGroup: "rg-Pay",
  },
  operation: "SecretGet",
  status: 403,
  requestUri: "https://kv-pay.vault.azure.net/secrets/smtp-relay/?api-version=7.4",
  caller: { oid: "0a", appId: "0b", kind: "User", upn: "a@contoso.test" },
  callerAddress: "203.0.113.9",
  userAgent: "agent",
  correlationId: "c0",
  durationMs: 12,
  decision: { byPolicy: false, allowed: false },
};

describe("one audit record in two tables", () => {
  test("AzureDiagnostics writes the vault in upper case and claims as flat columns", () => {
    const row = auditValues("AzureDiagnostics", event);
    expect(row).toMatchObject({
      ResourceId: event.vault.id.toUpperCase(),
      _ResourceId: event.vault.id.toLowerCase(),
      httpStatusCode_d: 403,
      ResultType: "Success",
      ResultSignature: "Forbidden",
      id_s: "",
      identity_claim_oid_g: "0a",
      isRbacAuthorized_b: false,
    });
  });

  test("AZKVAuditLogs holds the caller in one dynamic column and spells the address differently", () => {
    const row = auditValues("AZKVAuditLogs", event);
    expect(row).toMatchObject({
      HttpStatusCode: 403,
      CallerIpAddress: "203.0.113.9",
      Identity: { claim: { oid: "0a", appid: "0b", upn: "a@contoso.test" } },
      IsRbacAuthorized: false,
    });
    expect(row).not.toHaveProperty("CallerIPAddress");
  });

  test("calls through ARM carry the long claim names only", () => {
    const row = auditValues("AzureDiagnostics", { ...event, throughArm: true });
    expect(row).not.toHaveProperty("identity_claim_oid_g");
    expect(row).toMatchObject({
      identity_claim_http_schemas_microsoft_com_identity_claims_objectidentifier_g: "0a",
    });
  });

  test("a challenge has no caller", () => {
    const { caller: _, decision: __, ...challenge } = event;
    const row = auditValues("AZKVAuditLogs", { ...challenge, operation: "Authentication", status: 401 });
    expect(row).toMatchObject({ Identity: null, ResultSignature: "Unauthorized" });
    expect(row).not.toHaveProperty("IsRbacAuthorized");
  });
});
