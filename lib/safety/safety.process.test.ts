import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { queryLogs } from "@/lib/azure/logs";
import { parseVaultId, type VaultId, vaultIdParts } from "@/lib/azure/resource-id.pure";
import type { AzureAccess, UserContext } from "@/lib/context";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { waitFor } from "@/lib/coverage/testing/truth";
import { AppError } from "@/lib/errors";
import type { Reader, SafetyFacts } from "./facts.pure";
import { gatherSafety } from "./gather";
import { judgePlanting } from "./judge.pure";

/* The safety check against a simulated tenant, compared with what its world is made of and with what was just done in it. */

const Vault = z.object({
  id: z.string(),
  publicNetworkAccess: z.string(),
  networkAcls: z.object({ defaultAction: z.string() }).optional(),
});

let tenant: TestTenant;
let vaultIds: VaultId[];
let facts: ReadonlyMap<VaultId, SafetyFacts>;
let sent: string[] = [];

/** On a busy machine the simulated workspace takes its time before it answers the first query. */
const PATIENCE_MS = 400_000;
vi.setConfig({ hookTimeout: PATIENCE_MS, testTimeout: PATIENCE_MS });

beforeAll(async () => {
  tenant = await startTenant("--vaults", "240", "--seed", "1");
  const vaults = await tenant.collection("vaults", Vault);
  vaultIds = vaults.flatMap(({ id }) => parseVaultId(id) ?? []);
  await waitFor(
    "the workspace to be ready",
    async () => allKnown(await gatherSafety(tenant.service, vaultIds)),
    PATIENCE_MS,
  );
  // A machine that is busy lets requests run out of time, and the client repeats them: the calmest of some attempts counts.
  for (let attempt = 0; attempt < 6 && (sent.length === 0 || sent.length > 3); attempt++) {
    const before = tenant.sent.length;
    facts = await gatherSafety(tenant.service, vaultIds.slice(0, 200));
    const now = tenant.sent.slice(before);
    if (allKnown(facts) && (sent.length === 0 || now.length < sent.length)) sent = now;
  }
  facts = await gatherSafety(tenant.service, vaultIds);
});

const allKnown = (given: ReadonlyMap<VaultId, SafetyFacts>): boolean =>
  [...given.values()].every(({ vault, readers, objections }) => vault.known && readers.known && objections.known);
afterAll(() => tenant?.stop());

const readersOf = (given: ReadonlyMap<VaultId, SafetyFacts>, id: VaultId): readonly Reader[] => {
  const fact = given.get(id)?.readers;
  return fact?.known ? fact.value.readers : expect.fail(`nothing is known of the readers of ${id}`);
};

test("200 vaults cost two Resource Graph queries and three log queries in one call", () => {
  expect(sent.map((line) => line.replace(/\?.*/, "")).sort()).toEqual([
    "POST https://api.loganalytics.io/v1/$batch",
    "POST https://management.azure.com/providers/Microsoft.ResourceGraph/resources",
    "POST https://management.azure.com/providers/Microsoft.ResourceGraph/resources",
  ]);
});

test("every vault of the world is found to be reachable as it is", async () => {
  for (const vault of await tenant.collection("vaults", Vault)) {
    const fact = facts.get(parseVaultId(vault.id) ?? expect.fail(vault.id))?.vault;
    const open = vault.publicNetworkAccess === "Enabled" && vault.networkAcls?.defaultAction !== "Deny";
    expect(fact).toMatchObject({ known: true });
    expect(fact?.known && fact.value.network === "public").toBe(open);
  }
});

test("of every vault with rows the names that were deleted and are not purged are known", async () => {
  const Held = z.object({ vaultId: z.string(), name: z.string(), deletedAt: z.number().optional() });
  const expected = new Map<string, string[]>();
  for (const { vaultId, name, deletedAt } of await tenant.collection("objects", Held)) {
    const id = vaultId.toLowerCase();
    if (deletedAt !== undefined) expected.set(id, [...(expected.get(id) ?? []), name.toLowerCase()]);
  }
  const known = [...facts].flatMap(([id, { readers }]) =>
    readers.known && readers.value.days > 0 ? [{ id, deleted: [...new Set(readers.value.deleted)].sort() }] : [],
  );
  expect(known.filter(({ deleted }) => deleted.length > 0).length).toBeGreaterThan(10);
  const wrong = known.filter(
    ({ id, deleted }) => deleted.join() !== [...new Set(expected.get(id) ?? [])].sort().join(),
  );
  expect(wrong).toEqual([]);
});

describe("machines that read everything", () => {
  /** What the world's machines call themselves; the check itself does not go by it. */
  const MACHINES: readonly (readonly [what: string, agent: string, pattern: Reader["pattern"]])[] = [
    ["applications that load all secrets", "Extensions.AspNetCore.Configuration.Secrets", "everything"],
    ["agents that copy all secrets", "external-secrets", "everything"],
  ];

  async function vaultsUsedBy(where: string): Promise<Set<string>> {
    const kql = `union (AzureDiagnostics | project VaultId = tolower(ResourceId), Agent = clientInfo_s, OperationName, TimeGenerated),
      (AZKVAuditLogs | project VaultId = tolower(_ResourceId), Agent = ClientInfo, OperationName, TimeGenerated)
      | where TimeGenerated > ago(30d) | where ${where} | distinct VaultId`;
    const { customerId } = tenant.service.config.workspace;
    const rows = await queryLogs(
      tenant.service.azure.collector,
      customerId,
      { kql },
      z.object({ VaultId: z.string() }),
    );
    return new Set(rows.map(({ VaultId: id }) => id));
  }

  const found = (fits: (reader: Reader) => boolean) =>
    new Set<string>(vaultIds.filter((id) => readersOf(facts, id).some(fits)));

  test.each(MACHINES)("%s are all recognised, and nobody else is taken for one", async (_, agent, pattern) => {
    const real = await vaultsUsedBy(`Agent contains '${agent}'`);
    expect(real.size).toBeGreaterThan(2);
    const client = pattern === "everything" && agent.startsWith("external") ? "synchroniser" : "aspnet";
    expect(found((reader) => reader.pattern === pattern && reader.client === client)).toEqual(real);
  });

  test("backups are all recognised, for secrets and for keys, and nobody else is taken for one", async () => {
    const backedUp = (kind: string) => found((reader) => reader.pattern === "backup" && reader.kind === kind);
    const real = await vaultsUsedBy("OperationName == 'SecretBackup'");
    expect(real.size).toBeGreaterThan(2);
    expect(backedUp("secret")).toEqual(real);
    expect(backedUp("key")).toEqual(await vaultsUsedBy("OperationName == 'KeyBackup'"));
  });

  test("nobody else is thought to meet a new object", () => {
    expect(found(({ pattern }) => pattern === "some" || pattern === "prefix")).toEqual(new Set());
  });
});

test("vaults without a row in the workspace are unknown: a key, never a secret", () => {
  const blind = vaultIds.filter((id) => {
    const fact = facts.get(id)?.readers;
    return fact?.known && fact.value.days < 30;
  });
  expect(blind.length).toBeGreaterThan(20);
  expect(blind.length).toBeLessThan(vaultIds.length / 2);
  for (const id of blind) {
    const judged = judgePlanting(facts.get(id) ?? expect.fail(id), {
      kind: "auto",
      count: 1,
      acceptUnknownReaders: false,
    });
    expect(judged.kind).toBe("key");
  }
});

describe("what was just done in a vault", () => {
  let admin: UserContext;
  let calm: VaultId[];

  beforeAll(async () => {
    admin = await tenant.as("Administrator");
    calm = vaultIds.filter((id) => {
      const { vault, readers } = facts.get(id) ?? expect.fail(id);
      const open = vault.known && vault.value.network === "public" && vault.value.permissionModel === "rbac";
      return open && readers.known && readers.value.days === 30 && readers.value.readers.length === 0;
    });
    for (const id of calm.slice(0, 3)) await giveRight(id);
  });

  async function request(
    method: string,
    url: string,
    scope: string,
    body?: unknown,
    agent = "azsdk-go-azsecrets/v1.1.0",
  ) {
    const { host, pathname, search } = new URL(url);
    const token = await admin.asUser.credential.getToken(scope);
    const answer = await fetch(`${tenant.url}${pathname}${search}`, {
      method,
      headers: {
        "x-forwarded-host": host,
        authorization: `Bearer ${token?.token}`,
        "content-type": "application/json",
        "user-agent": agent,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: z.looseObject({}).parse(await answer.json()) };
  }

  const arm = (method: string, path: string, body: unknown) =>
    request(method, `https://management.azure.com${path}`, "https://management.azure.com/.default", body);

  /** One call by the vault's own API, as the client `agent`. */
  const call = (id: VaultId, method: string, path: string, body?: unknown, agent?: string) => {
    const url = `https://${vaultIdParts(id).name}.vault.azure.net/${path}?api-version=7.4`;
    return request(method, url, "https://vault.azure.net/.default", body, agent);
  };

  /** Key Vault Administrator at this vault, and the time that it takes until it holds. */
  async function giveRight(id: VaultId): Promise<void> {
    await assign(id, { principalId: admin.user.oid, principalType: "User" });
    await waitFor("the right", async () => (await call(id, "GET", "secrets")).status === 200);
  }

  async function assign(id: VaultId, principal: { principalId: string; principalType: string }): Promise<void> {
    const path = `${id}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}?api-version=2022-04-01`;
    const role = "/providers/Microsoft.Authorization/roleDefinitions/00482a5a-887f-4fb3-b363-3b7fe8e74483";
    expect((await arm("PUT", path, { properties: { roleDefinitionId: role, ...principal } })).status).toBe(201);
  }

  // Keys call their address `kid`.
  const Listed = z.object({ value: z.array(z.object({ id: z.string().optional(), kid: z.string().optional() })) });
  async function namesIn(id: VaultId, collection: string, agent?: string): Promise<string[]> {
    const { value } = Listed.parse((await call(id, "GET", collection, undefined, agent)).body);
    return value.map((one) => (one.id ?? one.kid)?.split("/").at(-1) ?? "");
  }

  /** `certified` tells how many were seen to fetch certificates. */
  async function readersWhen(
    id: VaultId,
    fits: (readers: readonly Reader[], certified: number) => boolean,
  ): Promise<readonly Reader[]> {
    let readers: readonly Reader[] = [];
    await waitFor(
      `the rows of ${id}`,
      async () => {
        const fact = (await gatherSafety(tenant.service, [id])).get(id)?.readers;
        if (!fact?.known) return false;
        readers = fact.value.readers;
        return fits(readers, fact.value.certificateReaders);
      },
      PATIENCE_MS,
    );
    return readers;
  }
  const deletedWhen = async (id: VaultId, fits: (deleted: readonly string[]) => boolean) => {
    await waitFor(
      `the deletions in ${id}`,
      async () => {
        const fact = (await gatherSafety(tenant.service, [id])).get(id)?.readers;
        return fact?.known === true && fits(fact.value.deleted);
      },
      PATIENCE_MS,
    );
  };
  const me = () => admin.user.oid.toLowerCase();

  test("role assignments are counted but for the planting identity's, which come and go", async () => {
    const [id = expect.fail("none")] = calm;
    const analyst = (await tenant.as("SOC analyst")).user.oid;
    const { objectId: planter } = tenant.service.config.identities.planter;
    const assigned = async () => {
      const [, subscription] = /^\/subscriptions\/([^/]+)/.exec(id) ?? [];
      const rows = await tenant.collection("roleAssignments", z.object({ id: z.string(), principalId: z.string() }));
      const there = rows.filter((row) => row.id.toLowerCase().startsWith(`/subscriptions/${subscription}/`));
      return { all: there.length, others: there.filter(({ principalId }) => principalId !== planter).length };
    };
    const counted = async () => {
      const vault = (await gatherSafety(tenant.service, [id])).get(id)?.vault;
      return vault?.known ? vault.value.roleAssignments : undefined;
    };
    const before = await assigned();
    await assign(id, { principalId: planter, principalType: "ServicePrincipal" });
    // Once this one shows in Resource Graph, so does the one before it.
    await assign(id, { principalId: analyst, principalType: "User" });
    expect(await assigned()).toEqual({ all: before.all + 2, others: before.others + 1 });
    await waitFor("the roles to show", async () => (await counted()) === before.others + 1);
  });

  test("a name is known to be refused from its deletion until it is recovered", async () => {
    const [, , id = expect.fail("none")] = calm;
    const name = "Gone-With-The-Tide";
    expect((await call(id, "PUT", `secrets/${name}`, { value: "once" })).status).toBe(200);
    expect((await call(id, "DELETE", `secrets/${name}`)).status).toBe(200);
    await deletedWhen(id, (deleted) => deleted.includes(name.toLowerCase()));
    await waitFor(
      "the recovery",
      async () => (await call(id, "POST", `deletedsecrets/${name}/recover`)).status === 200,
    );
    await deletedWhen(id, (deleted) => !deleted.includes(name.toLowerCase()));
  });

  test("a script that lists and reads everything is one that loads everything", async () => {
    const [id = expect.fail("none")] = calm;
    const agent = "AzureCLI/2.66.0 (DEB) Python/3.12.7";
    for (const name of await namesIn(id, "secrets", agent)) await call(id, "GET", `secrets/${name}/`, undefined, agent);
    expect(await readersWhen(id, (readers) => readers.some(({ pattern }) => pattern === "everything"))).toEqual([
      { caller: me(), kind: "secret", pattern: "everything", client: "script", prefixes: [] },
    ]);
  });

  test("an application that lists and reads what begins alike selects by that, and names keep away from it", async () => {
    const [, id = expect.fail("none")] = calm;
    const wanted = ["mail", "sql", "jwt"].map((word) => `zz9-${word}-password`);
    for (const name of wanted)
      expect((await call(id, "PUT", `secrets/${name}`, { value: "made up" })).status).toBe(200);
    // So many more that three are not nearly all of what is in use.
    for (let n = 0; n < 6; n++) await call(id, "PUT", `secrets/other${n}-token`, { value: "made up" });
    await namesIn(id, "secrets");
    for (const name of wanted) await call(id, "GET", `secrets/${name}/`);
    expect(await readersWhen(id, (readers) => readers.some(({ prefixes }) => prefixes.length > 0))).toEqual([
      { caller: me(), kind: "secret", pattern: "prefix", client: "unknown", prefixes: ["zz9-"] },
    ]);
  });

  test("who lists certificates and fetches them is no reader of secrets; who backs a key up is a backup", async () => {
    const objects = await tenant.collection(
      "objects",
      z.object({ vaultId: z.string(), managed: z.boolean().optional() }),
    );
    const certified = new Set(objects.filter(({ managed }) => managed).map(({ vaultId }) => parseVaultId(vaultId)));
    const id = calm.slice(4).find((one) => certified.has(one)) ?? expect.fail("none with a certificate");
    await giveRight(id);
    for (const name of await namesIn(id, "certificates")) await call(id, "GET", `certificates/${name}/`);
    expect((await call(id, "POST", "keys/archive-kek/create", { kty: "RSA" })).status).toBe(200);
    for (const name of await namesIn(id, "keys")) await call(id, "POST", `keys/${name}/backup`, {});
    // Each row has a lag of its own: the backup's may be there before the certificates'.
    const readers = await readersWhen(id, (all, certified) => all.length > 0 && certified > 0);
    expect(readers).toEqual([{ caller: me(), kind: "key", pattern: "backup", client: "unknown", prefixes: [] }]);
  });

  test("a refused attempt at everything is nobody who reads", async () => {
    const [, , id = expect.fail("none")] = calm;
    const names = await namesIn(id, "secrets");
    const ana = await tenant.as("SOC analyst");
    const token = await ana.asUser.credential.getToken("https://vault.azure.net/.default");
    const host = `${vaultIdParts(id).name}.vault.azure.net`;
    const headers = { "x-forwarded-host": host, authorization: `Bearer ${token?.token}` };
    for (const path of ["secrets", ...names.map((name) => `secrets/${name}/`)]) {
      expect((await fetch(`${tenant.url}/${path}?api-version=7.4`, { headers })).status).toBe(403);
    }
    // A call of another kind that comes later is in the log: then the refused ones are too.
    await call(id, "POST", "keys/marker-kek/create", { kty: "RSA" });
    await call(id, "POST", "keys/marker-kek/backup", {});
    await namesIn(id, "keys");
    const readers = await readersWhen(id, (all) => all.length > 0);
    expect(readers.filter(({ caller }) => caller !== me())).toEqual([]);
  });

  test("a policy that was assigned is seen at the vaults below its scope, and nowhere else", async () => {
    const subscription = `/subscriptions/${vaultIdParts(calm[0] ?? expect.fail("none")).subscriptionId}`;
    const definition = `${subscription}/providers/Microsoft.Authorization/policyDefinitions/no-keys-by-arm`;
    // Put together from pairs, since an object written with `then` could be taken for a promise.
    const outcome = "then";
    const rule = Object.fromEntries([
      ["if", { field: "type", equals: "Microsoft.KeyVault/vaults/keys" }],
      [outcome, { effect: "deny" }],
    ]);
    const properties = { displayName: "No keys through templates", mode: "All", policyRule: rule };
    expect((await arm("PUT", `${definition}?api-version=2023-04-01`, { properties })).status).toBe(201);
    const assignment = `${subscription}/providers/Microsoft.Authorization/policyAssignments/no-keys?api-version=2023-04-01`;
    const assigned = { properties: { policyDefinitionId: definition } };
    expect((await arm("PUT", assignment, assigned)).status).toBe(201);
    let seen: VaultId[] = [];
    await waitFor("Resource Graph to show the assignment", async () => {
      const now = await gatherSafety(tenant.service, vaultIds);
      seen = vaultIds.filter((id) => {
        const fact = now.get(id)?.objections;
        return fact?.known && fact.value.some(({ policy }) => policy === "No keys through templates");
      });
      return seen.length > 0;
    });
    expect(seen).toEqual(vaultIds.filter((id) => id.startsWith(`${subscription}/`)));
    expect(seen.length).toBeLessThan(vaultIds.length);
  });
});

test("a source that does not answer is unknown for every vault, and the others still speak", async () => {
  const broken = (service: string) => ({
    ...tenant.service.azure.collector,
    httpClient: {
      sendRequest: (request: Parameters<AzureAccess["httpClient"]["sendRequest"]>[0]) =>
        request.url.includes(service)
          ? Promise.reject(new AppError("unavailable", "The line is dead."))
          : tenant.service.azure.collector.httpClient.sendRequest(request),
    },
  });
  const [id = expect.fail("none")] = vaultIds;
  for (const [service, unknown] of [
    ["loganalytics", ["readers"]],
    ["ResourceGraph", ["vault", "objections"]],
  ] as const) {
    const azure = { ...tenant.service.azure, collector: broken(service) };
    const { vault, readers, objections } =
      (await gatherSafety({ ...tenant.service, azure }, [id])).get(id) ?? expect.fail(id);
    const known = Object.entries({ vault, readers, objections }).filter(([, fact]) => fact.known);
    expect(known.map(([name]) => name)).toEqual(
      ["vault", "readers", "objections"].filter((name) => !unknown.some((one) => one === name)),
    );
  }
});
