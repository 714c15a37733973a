import { beforeEach, describe, expect, test } from "vitest";
import type { LogRow } from "../model";
import { OPERATIONS } from "./operations";
import { makeTenant, type TestTenant, textAt } from "./testing/tenant";

const V = "api-version=7.4";
const ORIGIN = "https://kv-pay.vault.azure.net";
let tenant: TestTenant;

beforeEach(async () => {
  tenant = await makeTenant();
});

/** Rows of the watched workspace. */
const rows = (): LogRow[] =>
  [...tenant.context.model.logRows.values()].filter(({ workspaceId }) => workspaceId === undefined);
const newest = (): LogRow => rows().at(-1) ?? expect.fail("no row was written");

/** One call per operation of the data plane, in an order in which each of them finds what it needs. */
/** A coordinate of the curve's length. */
const XY = Buffer.alloc(32, 9).toString("base64url");

const CALLS: [operation: string, method: string, path: string, body?: unknown][] = [
  ["SecretSet", "PUT", "/secrets/mail", { value: "x" }],
  ["SecretGet", "GET", "/secrets/mail/"],
  ["SecretUpdate", "PATCH", "/secrets/mail", { tags: { a: "b" } }],
  ["SecretList", "GET", "/secrets"],
  ["SecretListVersions", "GET", "/secrets/mail/versions"],
  ["SecretBackup", "POST", "/secrets/mail/backup"],
  ["SecretDelete", "DELETE", "/secrets/mail"],
  ["SecretListDeleted", "GET", "/deletedsecrets"],
  ["SecretGetDeleted", "GET", "/deletedsecrets/mail"],
  ["SecretRecover", "POST", "/deletedsecrets/mail/recover"],
  ["SecretDelete", "DELETE", "/secrets/mail"],
  ["SecretPurge", "DELETE", "/deletedsecrets/mail"],
  ["KeyCreate", "POST", "/keys/seal/create", { kty: "RSA" }],
  ["KeyGet", "GET", "/keys/seal/"],
  ["KeyUpdate", "PATCH", "/keys/seal", { tags: { a: "b" } }],
  ["KeyList", "GET", "/keys"],
  ["KeyListVersions", "GET", "/keys/seal/versions"],
  ["KeyRotate", "POST", "/keys/seal/rotate"],
  ["KeyRotationPolicyGet", "GET", "/keys/seal/rotationpolicy"],
  ["KeyRotationPolicySet", "PUT", "/keys/seal/rotationpolicy", { lifetimeActions: [] }],
  ["KeyImport", "PUT", "/keys/brought", { key: { kty: "EC", crv: "P-256", x: XY, y: XY, d: XY } }],
  ["KeySign", "POST", "/keys/seal/sign", { alg: "RS256", value: "A".repeat(43) }],
  ["KeyVerify", "POST", "/keys/seal/verify", { alg: "RS256", digest: "A".repeat(43), value: "AA" }],
  ["KeyEncrypt", "POST", "/keys/seal/encrypt", { alg: "RSA-OAEP", value: "AA" }],
  ["KeyWrap", "POST", "/keys/seal/wrapkey", { alg: "RSA-OAEP", value: "AA" }],
  ["KeyBackup", "POST", "/keys/seal/backup"],
  ["KeyDelete", "DELETE", "/keys/seal"],
  ["KeyListDeleted", "GET", "/deletedkeys"],
  ["KeyGetDeleted", "GET", "/deletedkeys/seal"],
  ["KeyRecover", "POST", "/deletedkeys/seal/recover"],
  ["KeyDelete", "DELETE", "/keys/seal"],
  ["KeyPurge", "DELETE", "/deletedkeys/seal"],
  ["CertificateList", "GET", "/certificates"],
  ["CertificateListVersions", "GET", "/certificates/web/versions"],
];

describe.each([
  ["AzureDiagnostics", {}],
  ["AZKVAuditLogs", { destinationType: "Dedicated" as const }],
] as const)("a vault that logs to %s", (table, setting) => {
  const column = (diagnostics: string, dedicated: string) => (table === "AzureDiagnostics" ? diagnostics : dedicated);
  const status = column("httpStatusCode_d", "HttpStatusCode");
  const uri = column("requestUri_s", "RequestUri");
  const id = column("id_s", "Id");

  beforeEach(() => tenant.addSetting({ name: "audit", ...setting }));

  test("every operation leaves exactly one row, in that table, with its name, URI and result", async () => {
    for (const [index, [operation, method, path, body]] of CALLS.entries()) {
      const answer = await tenant.send(method, `${path}?${V}`, { body });
      expect(answer.status, path).toBeLessThan(300);
      expect(rows(), path).toHaveLength(index + 1);
      const row = newest();
      expect(row.table).toBe(table);
      expect(row.values).toMatchObject({
        OperationName: operation,
        OperationVersion: "7.4",
        ResultType: "Success",
        ResultSignature: answer.status === 204 ? "No Content" : "OK",
        CorrelationId: answer.headers?.["x-ms-request-id"],
        [status]: answer.status,
        [uri]: `${ORIGIN}${path}?${V}`,
        [column("CallerIPAddress", "CallerIpAddress")]: "203.0.113.9",
        [column("clientInfo_s", "ClientInfo")]: "test-agent/1.0",
        [column("isRbacAuthorized_b", "IsRbacAuthorized")]: true,
        _ResourceId: tenant.vault.id.toLowerCase(),
      });
      expect(row.values).toMatchObject(
        table === "AzureDiagnostics"
          ? { identity_claim_oid_g: tenant.officer.oid, identity_claim_idtyp_s: "app" }
          : { Identity: { claim: { oid: tenant.officer.oid, idtyp: "app" } } },
      );
    }
  });

  test("lists carry the collection, and no page of them the name of an object", async () => {
    for (let i = 0; i < 30; i++) await tenant.send("PUT", `/secrets/mail-${i}?${V}`, { body: { value: "x" } });
    const first = await tenant.send("GET", `/secrets?${V}`);
    const next = textAt(first, "nextLink").slice(ORIGIN.length);
    await tenant.send("GET", next);
    const lists = rows().filter((row) => row.values.OperationName === "SecretList");
    expect(lists).toHaveLength(2);
    for (const row of lists) {
      expect(row.values[id]).toBe(`${ORIGIN}/secrets`);
      expect(JSON.stringify(row.values)).not.toContain("mail-");
    }
  });

  test("values never reach the log", async () => {
    await tenant.send("PUT", `/secrets/mail?${V}`, { body: { value: "hunter2-hunter2" } });
    await tenant.send("GET", `/secrets/mail/?${V}`);
    expect(JSON.stringify(rows())).not.toContain("hunter2");
  });

  test("a challenge is an Authentication row without an identity", async () => {
    const answer = await tenant.send("GET", `/secrets/mail/?${V}`, { as: null });
    expect(rows()).toHaveLength(1);
    expect(newest().values).toMatchObject({
      OperationName: "Authentication",
      [status]: 401,
      ResultSignature: "Unauthorized",
      CorrelationId: answer.headers?.["x-ms-request-id"],
    });
    expect(newest().values).not.toHaveProperty("Identity");
    expect(newest().values).not.toHaveProperty("identity_claim_oid_g");
  });

  test("a denied call is logged with its caller and its URI but without an object id", async () => {
    await tenant.send("GET", `/secrets/mail/?${V}`, { as: tenant.stranger });
    expect(newest().values).toMatchObject({
      OperationName: "SecretGet",
      [status]: 403,
      ResultSignature: "Forbidden",
      [uri]: `${ORIGIN}/secrets/mail/?${V}`,
      [column("isRbacAuthorized_b", "IsRbacAuthorized")]: false,
      [column("isAddressAuthorized_b", "IsAddressAuthorized")]: true,
    });
    expect(newest().values).not.toHaveProperty(id);
    expect(JSON.stringify(newest().values)).toContain(tenant.stranger.oid);
  });

  test("a call that the firewall refused is logged as such", async () => {
    tenant.changeVault({ publicNetworkAccess: "Disabled" });
    await tenant.send("GET", `/secrets/mail/?${V}`);
    expect(newest().values).toMatchObject({
      OperationName: "SecretGet",
      [status]: 403,
      [column("isAddressAuthorized_b", "IsAddressAuthorized")]: false,
    });
    expect(newest().values).not.toHaveProperty(column("isRbacAuthorized_b", "IsRbacAuthorized"));
  });

  test("bad, unknown, conflicting and throttled calls are logged with their status", async () => {
    await tenant.send("GET", "/secrets/mail/");
    expect(newest().values).toMatchObject({ [status]: 400, ResultSignature: "Bad Request" });
    await tenant.send("GET", `/secrets/mail/?${V}`);
    expect(newest().values).toMatchObject({ [status]: 404, ResultSignature: "Not Found" });
    await tenant.send("PUT", `/secrets/mail?${V}`, { body: { value: "x" } });
    await tenant.send("DELETE", `/secrets/mail?${V}`);
    await tenant.send("PUT", `/secrets/mail?${V}`, { body: { value: "x" } });
    expect(newest().values).toMatchObject({ [status]: 409, ResultSignature: "Conflict" });
    for (let i = 0; i < 20; i++) await tenant.send("POST", `/keys/a/create?${V}`, { body: { kty: "EC" } });
    await tenant.send("POST", `/keys/a/create?${V}`, { body: { kty: "EC" } });
    expect(newest().values).toMatchObject({ OperationName: "KeyCreate", [status]: 429 });
  });

  test("whether an object is enabled can be told from the row that changed it", async () => {
    await tenant.send("PUT", `/secrets/mail?${V}`, { body: { value: "x", contentType: "text/plain" } });
    await tenant.send("PATCH", `/secrets/mail?${V}`, { body: { attributes: { enabled: false } } });
    if (table === "AzureDiagnostics") expect(newest().values.secretProperties_attributes_enabled_b).toBe(false);
    else expect(newest().values.SecretProperties).toEqual({ type: "text/plain", attributes: { enabled: false } });
  });
});

test("the list of calls above covers every operation but those that build on an earlier answer", () => {
  const covered = new Set(CALLS.map(([operation]) => operation));
  const left = new Set(OPERATIONS.map(({ name }) => name).filter((name) => !covered.has(name)));
  expect([...left].sort()).toEqual([
    "CertificateGet",
    "CertificatePolicyGet",
    "KeyDecrypt",
    "KeyRestore",
    "KeyUnwrap",
    "SecretRestore",
  ]);
});

test("operations that build on an earlier answer leave their rows as well", async () => {
  tenant.addSetting({ name: "audit" });
  const call = (method: string, path: string, body?: unknown) => tenant.send(method, `${path}?${V}`, { body });
  await call("PUT", "/secrets/mail", { value: "x" });
  await call("POST", "/keys/seal/create", { kty: "RSA" });
  const secret = textAt(await call("POST", "/secrets/mail/backup"), "value");
  const key = textAt(await call("POST", "/keys/seal/backup"), "value");
  const value = textAt(await call("POST", "/keys/seal/encrypt", { alg: "RSA-OAEP", value: "AA" }), "value");
  await call("POST", "/keys/seal/decrypt", { alg: "RSA-OAEP", value });
  await call("POST", "/keys/seal/unwrapkey", { alg: "RSA-OAEP", value });
  for (const path of ["/secrets/mail", "/deletedsecrets/mail", "/keys/seal", "/deletedkeys/seal"])
    await call("DELETE", path);
  await call("POST", "/secrets/restore", { value: secret });
  await call("POST", "/keys/restore", { value: key });
  await call("GET", "/certificates/web");
  const written = rows().map(({ values }) => [values.OperationName, values.httpStatusCode_d, values.requestUri_s]);
  expect(written.filter(([name]) => /Restore|Decrypt|Unwrap|Certificate/.test(String(name)))).toEqual([
    ["KeyDecrypt", 200, `${ORIGIN}/keys/seal/decrypt?${V}`],
    ["KeyUnwrap", 200, `${ORIGIN}/keys/seal/unwrapkey?${V}`],
    ["SecretRestore", 200, `${ORIGIN}/secrets/restore?${V}`],
    ["KeyRestore", 200, `${ORIGIN}/keys/restore?${V}`],
    ["CertificateGet", 404, `${ORIGIN}/certificates/web?${V}`],
  ]);
});

describe("which settings collect audit rows", () => {
  const touch = () => tenant.send("GET", `/secrets?${V}`);

  test.each([
    ["a setting to another workspace", { workspaceId: "/subscriptions/x/workspaces/other" }],
    ["a storage account only", { workspaceId: null, storageAccountId: "/subscriptions/x/storageAccounts/a" }],
    ["a disabled category", { logs: [{ category: "AuditEvent", enabled: false }] }],
    ["policy evaluation details only", { logs: [{ category: "AzurePolicyEvaluationDetails", enabled: true }] }],
    ["a setting that has not begun to work", { effectiveAt: Date.UTC(2026, 9, 1, 13) }],
  ])("none: %s", async (_what, setting) => {
    await touch();
    tenant.addSetting({ name: "audit", ...setting });
    await touch();
    expect(rows()).toEqual([]);
  });

  test("a setting to another workspace leaves its row there", async () => {
    const workspaceId = "/subscriptions/x/workspaces/other";
    tenant.addSetting({ name: "audit", workspaceId });
    await touch();
    expect([...tenant.context.model.logRows.values()].map((row) => row.workspaceId)).toEqual([workspaceId]);
  });

  test.each([
    ["category AuditEvent", { logs: [{ category: "AuditEvent", enabled: true }] }, ["AzureDiagnostics"]],
    ["group audit", { logs: [{ categoryGroup: "audit", enabled: true }] }, ["AzureDiagnostics"]],
    ["group allLogs", { logs: [{ categoryGroup: "allLogs", enabled: true }] }, ["AzureDiagnostics"]],
    ["a dedicated table", { destinationType: "Dedicated" as const }, ["AZKVAuditLogs"]],
  ])("one table: %s", async (_what, setting, tables) => {
    tenant.addSetting({ name: "audit", ...setting });
    await touch();
    expect(rows().map((row) => row.table)).toEqual(tables);
  });

  test("two settings of both kinds fill both tables, once each", async () => {
    tenant.addSetting({ name: "one" });
    tenant.addSetting({ name: "two", destinationType: "Dedicated" });
    tenant.addSetting({ name: "three", destinationType: "Dedicated" });
    await touch();
    expect(
      rows()
        .map((row) => row.table)
        .sort(),
    ).toEqual(["AZKVAuditLogs", "AzureDiagnostics"]);
  });

  test("rows come to the workspace after the ingestion delay", async () => {
    tenant.addSetting({ name: "audit" });
    await touch();
    const { timeGenerated, ingestedAt } = newest();
    expect(timeGenerated).toBe(tenant.context.now());
    expect(ingestedAt - timeGenerated).toBeGreaterThanOrEqual(180_000);
    expect(ingestedAt - timeGenerated).toBeLessThanOrEqual(600_000);
  });
});
