import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { setSecretOnce } from "@/lib/azure/key-vault";
import { queryLogs } from "@/lib/azure/logs";
import { createRoleAssignment } from "@/lib/azure/role-assignments";
import { putWatchlistItem } from "@/lib/azure/watchlists";
import type { AzureAccess, UserContext } from "@/lib/context";
import { secureRandom } from "@/lib/decoys/random";
import { makeValue } from "@/lib/decoys/values";
import { expandRule } from "@/lib/detection/expand";
import { importRegister } from "@/lib/register/import";
import { readBoard } from "./board";
import { bulkFacts, forgetBulkFacts } from "./internal/bulk-facts";
import { startCollector } from "./testing/collector";
import { startTenant, type TestTenant } from "./testing/tenant";
import { waitFor } from "./testing/truth";

/* A real touch in a simulated vault, through its log, to the row that the rule raises. */

let tenant: TestTenant;
let admin: UserContext;
let collector: { stop(): Promise<void> };

beforeAll(async () => {
  tenant = await startTenant("--vaults", "60", "--seed", "1");
  admin = await tenant.as("Administrator");
  await importRegister(tenant.service);
  collector = startCollector(tenant.service);
  await waitFor("the estate to be collected", async () => {
    const { collector: progress } = await readBoard(admin);
    return progress.done === progress.total && progress.total === 60;
  });
});

afterAll(async () => {
  await collector?.stop();
  await tenant?.stop();
});

const RuleRow = z.object({
  Severity: z.string(),
  VaultId: z.string(),
  Decoys: z.array(z.string()),
  Operations: z.array(z.string()),
  Touches: z.number(),
  CallerOid: z.string(),
});

async function alerts(): Promise<z.infer<typeof RuleRow>[]> {
  const { query } = expandRule("honeytoken-touched", "NRT");
  return queryLogs(tenant.service.azure.collector, tenant.service.config.workspace.customerId, { kql: query }, RuleRow);
}

/** The HTTP status of reading a decoy with this identity's token. */
async function readDecoy(
  access: AzureAccess,
  { vault, kind, name }: { vault: string; kind: string; name: string },
): Promise<number> {
  const token = await access.credential.getToken("https://vault.azure.net/.default");
  const answer = await fetch(`${tenant.url}/${kind}s/${name}?api-version=7.4`, {
    headers: { "x-forwarded-host": `${vault}.vault.azure.net`, authorization: `Bearer ${token?.token}` },
  });
  return answer.status;
}

/** A living decoy secret in a protected RBAC vault whose network lets anybody in. */
async function reachableDecoy() {
  const { vaults } = await readBoard(admin);
  const open = vaults.filter(
    ({ state, network, permissionModel }) =>
      state === "protected" && network === "public" && permissionModel === "rbac",
  );
  const decoy = await tenant.service.db
    .selectFrom("decoy")
    .select(["kind", "name", "vault_id"])
    .where(
      "vault_id",
      "in",
      open.map(({ id }) => id),
    )
    .where("state", "=", "live")
    .where("kind", "=", "secret")
    .executeTakeFirstOrThrow();
  return { vault: decoy.vault_id.split("/").at(-1) ?? "", vaultId: decoy.vault_id, kind: decoy.kind, name: decoy.name };
}

async function grant(vaultId: string, principalId: string, roleDefinitionId: string): Promise<void> {
  await createRoleAssignment(admin.asUser, { scope: vaultId, name: randomUUID(), roleDefinitionId, principalId });
  // Azure's data plane honours a new assignment only after a while, the simulated one after a second.
  await new Promise((resolve) => setTimeout(resolve, 1500));
}

const SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6";

async function alertsOf(oid: string) {
  return (await alerts()).filter(({ CallerOid }) => CallerOid === oid);
}

test("a decoy that somebody may read and reads gives exactly one row, naming it, at the severity of a loss", async () => {
  const decoy = await reachableDecoy();
  const { objectId } = tenant.service.config.identities.registrar;
  await grant(decoy.vaultId, objectId, SECRETS_USER);
  expect(await readDecoy(tenant.service.azure.registrar, decoy)).toBe(200);
  await waitFor("the row to arrive", async () => (await alertsOf(objectId)).length > 0, 30_000);
  const row = {
    VaultId: decoy.vaultId,
    Decoys: [decoy.name],
    Operations: ["SecretGet"],
    Touches: 1,
    CallerOid: objectId,
  };
  expect(await alertsOf(objectId)).toEqual([{ ...row, Severity: "High" }]);
});

test("so does one by an identity that may not read it, a step lower", async () => {
  const decoy = await reachableDecoy();
  const { objectId } = tenant.service.config.identities.drill;
  expect(await readDecoy(tenant.service.azure.drill, decoy)).toBe(403);
  await waitFor("the row to arrive", async () => (await alertsOf(objectId)).length > 0, 30_000);
  expect(await alertsOf(objectId)).toMatchObject([{ Decoys: [decoy.name], Touches: 1, Severity: "Medium" }]);
});

const PlantingRow = z.object({ Rows: z.number() });

test("planting by the planter in its window raises nothing; reading by the planter is High", async () => {
  const { service } = tenant;
  const planter = service.config.identities.planter.objectId;
  const { vaultId, vault } = await reachableDecoy();
  const name = "freight-archive-password";
  const item = {
    ResourceProvider: "Microsoft.KeyVault",
    ResourceId: vaultId,
    HoneyToken: name,
    Properties: JSON.stringify({ Type: "secret" }),
    TokenKey: `${vaultId}/secrets/${name}`,
    State: "planting",
    PlanterOid: planter,
    WindowStart: new Date(Date.now() - 60_000).toISOString(),
    WindowEnd: new Date(Date.now() + 20 * 60_000).toISOString(),
  };
  await putWatchlistItem(
    service.azure.registrar,
    service.config.workspace.resourceId,
    "HoneyTokens",
    randomUUID(),
    item,
  );
  await grant(vaultId, planter, service.config.plantRoleId);
  await setSecretOnce(service.azure.planter, vault, { name, value: makeValue(name, secureRandom) });
  const { customerId } = service.config.workspace;
  const kql = `union isfuzzy=true AzureDiagnostics, AZKVAuditLogs
    | where OperationName == 'SecretSet' and coalesce(column_ifexists('requestUri_s', ''), column_ifexists('RequestUri', '')) has '${name}'
    | summarize Rows = count()`;
  await waitFor(
    "the planting's row",
    async () => ((await queryLogs(service.azure.collector, customerId, { kql }, PlantingRow))[0]?.Rows ?? 0) > 0,
    30_000,
  );
  expect(await alertsOf(planter)).toEqual([]);
  expect(await readDecoy(service.azure.planter, { vault, kind: "secret", name })).toBe(403);
  await waitFor("the planter's own touch", async () => (await alertsOf(planter)).length > 0, 30_000);
  expect(await alertsOf(planter)).toMatchObject([{ Severity: "High", Decoys: [name], Operations: ["SecretGet"] }]);
});

test("the deletion of a whole vault shows as the removal of what was in it", async () => {
  const { vaultId } = await reachableDecoy();
  const token = await admin.asUser.credential.getToken("https://management.azure.com/.default");
  const answer = await fetch(`${tenant.url}${vaultId}?api-version=2023-07-01`, {
    method: "DELETE",
    headers: { "x-forwarded-host": "management.azure.com", authorization: `Bearer ${token?.token}` },
  });
  expect(answer.status).toBe(200);
  await waitFor(
    "its row to arrive",
    async () => {
      forgetBulkFacts(tenant.service);
      const { lifecycle } = await bulkFacts(tenant.service);
      return lifecycle.ok && lifecycle.data.get(vaultId)?.removed !== undefined;
    },
    30_000,
  );
});

test("our own checks touched no decoy", async () => {
  expect(await alertsOf(tenant.service.config.identities.collector.objectId)).toEqual([]);
  const named = tenant.sent.filter((line) =>
    /^(GET|POST|DELETE|PATCH) .*vault\.azure\.net\/(secrets|keys)\/[^?]/.test(line),
  );
  expect(named).toEqual([]);
});
