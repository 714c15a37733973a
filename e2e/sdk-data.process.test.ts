import { randomUUID } from "node:crypto";
import { createPipelineRequest } from "@azure/core-rest-pipeline";
import { CryptographyClient, KeyClient } from "@azure/keyvault-keys";
import { SecretClient } from "@azure/keyvault-secrets";
import { LogsQueryClient, LogsQueryResultStatus } from "@azure/monitor-query-logs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { truthOf } from "./harness/simulated-truth";
import { type SimulatorProcess, startSimulator } from "./harness/simulator";

/*
 * The unmodified SDK clients against the simulated data planes: what they are answered, and what the audit log then
 * says. Rows are told apart by the user agent, of which each client here has its own.
 */

let simulator: SimulatorProcess;
let tenant: Awaited<ReturnType<ReturnType<typeof truthOf>["tenant"]>>;
let logs: LogsQueryClient;
let vaults: { rbac: string; policy: string; silent: string; closed: string; closedTable: Table };

type Table = "AzureDiagnostics" | "AZKVAuditLogs";

beforeAll(async () => {
  simulator = await startSimulator("--vaults", "120", "--seed", "1", "--fast", "--delay-ingestion", "200-400");
  const truth = truthOf(simulator.url);
  tenant = await truth.tenant();
  logs = new LogsQueryClient(identity("collector"), options("logs"));
  vaults = await chooseVaults(truth);
  await grantOnPolicyVault(vaults.policy);
  await grantOnPolicyVault(vaults.silent);
  await grantOnRbacVault(vaults.rbac);
  // The grants count after `delays.grant`, one second with --fast.
  await new Promise((resolve) => setTimeout(resolve, 1500));
});

afterAll(() => simulator?.stop());

const idOf = (name: string) => tenant.identities[name] ?? expect.fail(`no identity ${name}`);
const identity = (name: string) => simulator.identity(idOf(name).clientId);
const urlOf = (vaultId: string) => `https://${vaultId.split("/").pop()}.vault.azure.net`;
const options = (agent: string) => ({
  httpClient: simulator.httpClient,
  userAgentOptions: { userAgentPrefix: agent },
  retryOptions: { maxRetries: 0 },
});

/** Vaults of the four kinds that the tests need, by ARM id. */
async function chooseVaults(truth: ReturnType<typeof truthOf>) {
  const [all, settings] = await Promise.all([truth.vaults(), truth.diagnosticSettings()]);
  const workspace = tenant.workspace.resourceId.toLowerCase();
  const destination = new Map(
    settings
      .filter((setting) => setting.workspaceId?.toLowerCase() === workspace && setting.logs.some((log) => log.enabled))
      .map((setting) => [setting.vaultId.toLowerCase(), setting.destinationType ?? "AzureDiagnostics"]),
  );
  const find = (what: string, fits: (vault: (typeof all)[number], sendsTo: string | undefined) => boolean) =>
    all.find((vault) => fits(vault, destination.get(vault.id.toLowerCase())))?.id ?? expect.fail(`no ${what} vault`);
  const open = (vault: (typeof all)[number]) =>
    vault.publicNetworkAccess === "Enabled" && vault.networkAcls?.defaultAction !== "Deny";
  const rbac = (vault: (typeof all)[number]) => vault.enableRbacAuthorization === true;
  const closed = find("closed", (vault, to) => vault.publicNetworkAccess === "Disabled" && to !== undefined);
  return {
    rbac: find("role-based", (vault, to) => rbac(vault) && open(vault) && to === "Dedicated"),
    policy: find(
      "policy",
      (vault, to) =>
        !rbac(vault) && open(vault) && to === "AzureDiagnostics" && vault.enablePurgeProtection === undefined,
    ),
    silent: find("silent", (vault, to) => !rbac(vault) && open(vault) && to === undefined),
    closed,
    closedTable:
      destination.get(closed.toLowerCase()) === "Dedicated"
        ? ("AZKVAuditLogs" as const)
        : ("AzureDiagnostics" as const),
  };
}

async function armPut(path: string, apiVersion: string, body: unknown): Promise<void> {
  const { token } = (await identity("granter").getToken("https://management.azure.com/.default")) ?? expect.fail();
  const request = createPipelineRequest({
    url: `https://management.azure.com${path}?api-version=${apiVersion}`,
    method: "PUT",
    body: JSON.stringify(body),
  });
  request.headers.set("authorization", `Bearer ${token}`);
  request.headers.set("content-type", "application/json");
  const response = await simulator.httpClient.sendRequest(request);
  expect(response.status, response.bodyAsText ?? "").toBeLessThan(300);
}

const grantOnPolicyVault = (vaultId: string) =>
  armPut(`${vaultId}/accessPolicies/add`, "2023-07-01", {
    properties: {
      accessPolicies: [
        {
          tenantId: tenant.tenantId,
          objectId: idOf("planter").objectId,
          permissions: {
            secrets: ["get", "list", "set", "delete", "recover", "purge", "backup", "restore"],
            keys: ["get", "list", "create", "delete", "sign", "verify", "rotate", "getrotationpolicy"],
          },
        },
      ],
    },
  });

const grantOnRbacVault = (vaultId: string) =>
  armPut(`${vaultId}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`, "2022-04-01", {
    properties: {
      roleDefinitionId: tenant.plantRoleId,
      principalId: idOf("planter").objectId,
      principalType: "ServicePrincipal",
    },
  });

interface AuditRow {
  operation: string;
  status: number;
  uri: string;
  id: string;
  oid: string;
  addressAuthorized: boolean | null;
}

/** Rows of one user agent in a table, oldest first, once there are at least as many as were sent to that vault. */
async function rowsOf(table: Table, agent: string, expected: number): Promise<AuditRow[]> {
  const text =
    table === "AzureDiagnostics"
      ? `AzureDiagnostics | where clientInfo_s startswith '${agent}' | sort by TimeGenerated asc
         | project OperationName, toint(httpStatusCode_d), requestUri_s, id_s, identity_claim_oid_g, isAddressAuthorized_b`
      : `AZKVAuditLogs | where ClientInfo startswith '${agent}' | sort by TimeGenerated asc
         | project OperationName, HttpStatusCode, RequestUri, Id, tostring(Identity.claim.oid), IsAddressAuthorized`;
  for (let attempt = 0; ; attempt++) {
    const result = await logs.queryWorkspace(tenant.workspace.customerId, text, { duration: "PT1H" });
    if (result.status !== LogsQueryResultStatus.Success) throw new Error(result.partialError.message);
    const rows = result.tables[0]?.rows ?? [];
    if (rows.length >= expected || attempt === 60)
      return rows.map(([operation, status, uri, id, oid, addressAuthorized]) => ({
        operation: String(operation),
        status: Number(status),
        uri: String(uri),
        id: String(id),
        oid: String(oid),
        addressAuthorized: typeof addressAuthorized === "boolean" ? addressAuthorized : null,
      }));
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

/** What was sent to a vault since `from`, as the log writes it. */
function sentTo(vaultId: string, from: number): string[] {
  const origin = urlOf(vaultId);
  return simulator.sent
    .slice(from)
    .map((line) => line.split(" ")[1] ?? "")
    .filter((url) => url.startsWith(origin))
    .map((url) => url.replace("api%2Dversion", "api-version"));
}

describe("the secrets client", () => {
  test("lives through a secret's whole life, and each request leaves its row in the table of the setting", async () => {
    const from = simulator.sent.length;
    const client = new SecretClient(urlOf(vaults.policy), identity("planter"), options("life"));
    const name = "mail-relay-password";
    const made = await client.setSecret(name, "first", { contentType: "text/plain", tags: { app: "mail" } });
    expect(made.properties).toMatchObject({ name, enabled: true, contentType: "text/plain", tags: { app: "mail" } });
    expect(made.properties.version).toMatch(/^[0-9a-f]{32}$/);
    await client.setSecret(name, "second");
    expect((await client.getSecret(name)).value).toBe("second");
    expect((await client.getSecret(name, { version: made.properties.version ?? "" })).value).toBe("first");
    const versions = [];
    for await (const version of client.listPropertiesOfSecretVersions(name)) versions.push(version);
    expect(versions).toHaveLength(2);
    await client.updateSecretProperties(name, made.properties.version ?? "", { enabled: false });
    await expect(client.getSecret(name, { version: made.properties.version ?? "" })).rejects.toMatchObject({
      statusCode: 403,
      code: "Forbidden",
    });
    const backup = (await client.backupSecret(name)) ?? expect.fail("no backup");
    const deletion = await client.beginDeleteSecret(name, { intervalInMs: 50 });
    expect((await deletion.pollUntilDone()).recoveryId).toBe(`${urlOf(vaults.policy)}/deletedsecrets/${name}`);
    await expect(client.setSecret(name, "third")).rejects.toMatchObject({ statusCode: 409, code: "Conflict" });
    await (await client.beginRecoverDeletedSecret(name, { intervalInMs: 50 })).pollUntilDone();
    await (await client.beginDeleteSecret(name, { intervalInMs: 50 })).pollUntilDone();
    await client.purgeDeletedSecret(name);
    await client.restoreSecretBackup(backup);
    expect((await client.getSecret(name)).value).toBe("second");

    const sent = sentTo(vaults.policy, from);
    const rows = await rowsOf("AzureDiagnostics", "life", sent.length);
    expect(rows.map((row) => row.uri).sort()).toEqual(sent.sort());
    expect(rows.filter((row) => row.operation === "Authentication")).toMatchObject([{ status: 401, oid: "" }]);
    for (const row of rows) if (row.operation !== "Authentication") expect(row.oid).toBe(idOf("planter").objectId);
    const operations = new Set(rows.map((row) => row.operation));
    for (const operation of [
      "SecretSet",
      "SecretGet",
      "SecretListVersions",
      "SecretUpdate",
      "SecretBackup",
      "SecretDelete",
    ])
      expect(operations).toContain(operation);
    for (const operation of ["SecretGetDeleted", "SecretRecover", "SecretPurge", "SecretRestore"])
      expect(operations).toContain(operation);
    expect(rows.filter((row) => row.status === 403)).toHaveLength(1);
    expect(rows.filter((row) => row.status === 409)).toMatchObject([{ operation: "SecretSet" }]);
    expect(await rowsOf("AZKVAuditLogs", "life", 0)).toEqual([]);
  });

  test("pages through a list, whose rows name the collection only", async () => {
    const client = new SecretClient(urlOf(vaults.policy), identity("planter"), options("pages"));
    for (let i = 0; i < 30; i++) await client.setSecret(`page-${i}`, "x");
    const from = simulator.sent.length;
    const names = [];
    const lister = new SecretClient(urlOf(vaults.policy), identity("planter"), options("lister"));
    for await (const { name } of lister.listPropertiesOfSecrets()) names.push(name);
    for (let i = 0; i < 30; i++) expect(names).toContain(`page-${i}`);
    const rows = await rowsOf("AzureDiagnostics", "lister", sentTo(vaults.policy, from).length);
    const lists = rows.filter((row) => row.operation === "SecretList");
    expect(lists.length).toBeGreaterThan(1);
    for (const row of lists) {
      expect(row.id).toBe(`${urlOf(vaults.policy)}/secrets`);
      for (const name of names) expect(row.uri).not.toContain(name);
    }
  });

  test("is refused by role, and the refusal is logged with its caller", async () => {
    const client = new SecretClient(urlOf(vaults.rbac), identity("planter"), options("denied"));
    await client.setSecret("mail-relay-password", "x");
    await expect(client.getSecret("mail-relay-password")).rejects.toMatchObject({
      statusCode: 403,
      message: expect.stringContaining("Microsoft.KeyVault/vaults/secrets/getSecret/action"),
    });
    const rows = await rowsOf("AZKVAuditLogs", "denied", 3);
    expect(rows.map(({ operation, status }) => `${operation} ${status}`).sort()).toEqual([
      "Authentication 401",
      "SecretGet 403",
      "SecretSet 200",
    ]);
    const denied = rows.find((row) => row.status === 403) ?? expect.fail("no denied row");
    expect(denied).toMatchObject({ id: "", oid: idOf("planter").objectId });
    expect(denied.uri).toContain("/secrets/mail-relay-password/");
    expect(await rowsOf("AzureDiagnostics", "denied", 0)).toEqual([]);
  });

  test("is refused by a closed vault, and that is logged", async () => {
    const client = new SecretClient(urlOf(vaults.closed), identity("drill"), options("closed"));
    await expect(client.getSecret("mail")).rejects.toMatchObject({ statusCode: 403 });
    const rows = await rowsOf(vaults.closedTable, "closed", 2);
    expect(rows.filter((row) => row.operation === "SecretGet")).toMatchObject([
      { status: 403, addressAuthorized: false },
    ]);
  });

  test("leaves no row at all in the workspace where no setting sends one", async () => {
    const client = new SecretClient(urlOf(vaults.silent), identity("planter"), options("silent"));
    await client.setSecret("mail-relay-password", "x");
    expect((await client.getSecret("mail-relay-password")).value).toBe("x");
    // Longer than the ingestion delay, 400 milliseconds at most.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await rowsOf("AzureDiagnostics", "silent", 0)).toEqual([]);
    expect(await rowsOf("AZKVAuditLogs", "silent", 0)).toEqual([]);
  });
});

describe("the keys client", () => {
  test("creates, lists, rotates, signs and deletes", async () => {
    const from = simulator.sent.length;
    const client = new KeyClient(urlOf(vaults.policy), identity("planter"), options("keys"));
    const rsa = await client.createRsaKey("sealing-rsa", { keySize: 2048 });
    expect(rsa.key?.n).toHaveLength(256);
    const ec = await client.createEcKey("sealing-ec", { curve: "P-256" });
    expect(ec.keyOperations).toEqual(["sign", "verify"]);
    expect((await client.getKey("sealing-ec")).properties.version).toBe(ec.properties.version);
    await client.rotateKey("sealing-ec");
    expect((await client.getKeyRotationPolicy("sealing-ec")).lifetimeActions).toHaveLength(1);
    const names = [];
    for await (const { name } of client.listPropertiesOfKeys()) names.push(name);
    expect(names).toEqual(expect.arrayContaining(["sealing-ec", "sealing-rsa"]));
    const cryptography = new CryptographyClient(ec.id ?? "", identity("planter"), options("keys"));
    const signature = await cryptography.sign("ES256", new Uint8Array(32));
    expect(signature.result).toHaveLength(64);
    await (await client.beginDeleteKey("sealing-ec", { intervalInMs: 50 })).pollUntilDone();
    const deleted = await client.getDeletedKey("sealing-ec");
    expect(deleted.properties.recoverableDays).toBeGreaterThanOrEqual(7);
    // Rows arrive in any order, so all of them are waited for.
    const rows = await rowsOf("AzureDiagnostics", "keys", sentTo(vaults.policy, from).length);
    const operations = rows.map((row) => row.operation);
    for (const operation of [
      "KeyCreate",
      "KeyGet",
      "KeyRotate",
      "KeyRotationPolicyGet",
      "KeyList",
      "KeySign",
      "KeyDelete",
    ])
      expect(operations).toContain(operation);
  });
});

describe("the logs client", () => {
  test("gets typed columns, and dates as dates", async () => {
    const text = "print at = datetime(2026-09-01T10:15:02Z), n = 5, bag = dynamic({'a': 1}), span = 1h";
    const result = await logs.queryWorkspace(tenant.workspace.customerId, text, { duration: "P1D" });
    if (result.status !== LogsQueryResultStatus.Success) expect.fail("partial");
    expect(result.tables[0]?.columnDescriptors.map(({ name, type }) => [name, type])).toEqual([
      ["at", "datetime"],
      ["n", "long"],
      ["bag", "dynamic"],
      ["span", "timespan"],
    ]);
    expect(result.tables[0]?.rows[0]?.[0]).toEqual(new Date("2026-09-01T10:15:02Z"));
    expect(result.tables[0]?.rows[0]?.[2]).toEqual({ a: 1 });
  });

  test("a batch is one request and answers in order, with a failure among them", async () => {
    const from = simulator.sent.length;
    const workspaceId = tenant.workspace.customerId;
    const results = await logs.queryBatch([
      { workspaceId, query: "AzureDiagnostics | take 1 | project Category", timespan: { duration: "P30D" } },
      { workspaceId, query: "NoSuchTable | take 1", timespan: { duration: "P1D" } },
      { workspaceId, query: "_GetWatchlist('HoneyTokens') | count", timespan: { duration: "P1D" } },
    ]);
    expect(simulator.sent.slice(from)).toHaveLength(1);
    // The client calls every answer with an error in it a partial failure, also one without any table.
    expect(results.map((result) => result.status)).toEqual([
      LogsQueryResultStatus.Success,
      LogsQueryResultStatus.PartialFailure,
      LogsQueryResultStatus.Success,
    ]);
  });

  test("an identity without the right to query is refused", async () => {
    const stranger = new LogsQueryClient(identity("planter"), options("stranger"));
    const asked = stranger.queryWorkspace(tenant.workspace.customerId, "print 1", { duration: "P1D" });
    await expect(asked).rejects.toMatchObject({ statusCode: 403, code: "InsufficientAccessError" });
  });
});
