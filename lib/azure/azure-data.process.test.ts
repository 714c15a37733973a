import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { azureErrorOf } from "./azure-error";
import { callCounts } from "./counter";
import { createKeyOnce, listDeletedKeys, listDeletedSecrets, listKeys, listSecrets, setSecretOnce } from "./key-vault";
import { queryLogs, queryLogsBatch } from "./logs";
import { parseVaultId } from "./resource-id.pure";
import { createRoleAssignment, deleteRoleAssignment } from "./role-assignments";
import { listAlertRules } from "./rules";
import { listTablePlans } from "./tables";
import { type RunningTenant, startTenant } from "./testing/tenant";
import { nameOf, objectsOf, openVault, type TrueVault, vaultsOf } from "./testing/world";
import {
  deleteWatchlistItem,
  ensureWatchlist,
  getWatchlist,
  getWatchlistItem,
  listWatchlistItems,
  putWatchlistItem,
} from "./watchlists";

const KIM = "kim@contoso.test";

let tenant: RunningTenant;
let collector: AzureAccess;
let vaults: TrueVault[];

beforeAll(async () => {
  tenant = await startTenant("--vaults", "60", "--fast", "--no-throttle", "--delay-grant", "300");
  collector = tenant.identity("collector");
  vaults = await vaultsOf(tenant);
});
afterAll(() => tenant?.stop());

/** Until it works, for at most 10 seconds: rights take a moment to reach the data plane. */
async function eventually<T>(work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

describe("the data plane", () => {
  test("refuses a writer without a right, and says which kind of refusal it is", async () => {
    const error = await setSecretOnce(tenant.identity("planter"), nameOf(openVault(vaults, true)), {
      name: "orders-queue-connection",
      value: "v",
    }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ failure: { code: "forbidden" } });
    expect(azureErrorOf(error)?.codes).toContain("ForbiddenByRbac");
    expect(JSON.stringify(error)).not.toContain("orders-queue");
    // Of a list, too, of whose refusals the SDK says only that they are refusals.
    for (const list of [listSecrets, listKeys]) {
      const refused = await list(tenant.identity("planter"), nameOf(openVault(vaults, true))).catch((thrown) => thrown);
      expect(azureErrorOf(refused)?.codes).toContain("ForbiddenByRbac");
    }
  });

  test("a granted writer sets a secret and creates a key, once, and the lists show them", async () => {
    const id = openVault(vaults, true, 1);
    const vault = nameOf(id);
    const assignment = {
      name: randomUUID(),
      scope: id,
      roleDefinitionId: tenant.config.plantRoleId,
      principalId: tenant.config.identities.planter.objectId,
    };
    await createRoleAssignment(tenant.identity("granter"), assignment);
    const planter = tenant.identity("planter");
    const expires = new Date(Date.now() + 86_400_000 * 365);
    const secret = await eventually(() =>
      setSecretOnce(planter, vault, {
        name: "orders-queue-connection",
        value: "v",
        contentType: "text/plain",
        expires,
        tags: { team: "orders" },
      }),
    );
    expect(secret.version).toMatch(/^[0-9a-f]{32}$/);
    const key = await createKeyOnce(planter, vault, { name: "orders-signing", kty: "RSA", size: 2048 });
    expect(key.version).toMatch(/^[0-9a-f]{32}$/);
    const listed = (await listSecrets(planter, vault)).find(({ name }) => name === "orders-queue-connection");
    expect(listed).toMatchObject({
      enabled: true,
      contentType: "text/plain",
      tags: { team: "orders" },
      managed: false,
    });
    expect(Math.abs((listed?.expires?.getTime() ?? 0) - expires.getTime())).toBeLessThan(1000);
    expect((await listKeys(planter, vault)).map(({ name }) => name)).toContain("orders-signing");
    await deleteRoleAssignment(tenant.identity("granter"), assignment);
  });

  test("a client keeps the vault's challenge: the second list costs one call a page", async () => {
    const vault = nameOf(openVault(vaults, true));
    await listSecrets(collector, vault).catch(() => []);
    const before = callCounts().keyVault;
    await listSecrets(collector, vault).catch(() => []);
    expect(callCounts().keyVault - before).toBe(1);
  });

  test("deleted names are listed too", async () => {
    const deleted = (await objectsOf(tenant)).find(
      ({ deletedAt, kind }) => deletedAt !== undefined && kind === "secret",
    );
    const id = parseVaultId(deleted?.vaultId ?? "") ?? openVault(vaults, true);
    const names = await listDeletedSecrets(collector, nameOf(id)).then(
      (all) => all.map(({ name }) => name),
      (error: unknown) => (error instanceof AppError && error.failure.code === "forbidden" ? "forbidden" : "failed"),
    );
    expect(names === "forbidden" || names.includes(deleted?.name ?? "")).toBe(true);
    await expect(listDeletedKeys(collector, nameOf(id)).catch(() => [])).resolves.toBeInstanceOf(Array);
  });
});

describe("Sentinel", () => {
  const workspace = () => tenant.config.workspace.resourceId;
  const alias = () => tenant.config.watchlistAlias;

  test("the register's rows are written under our own ids, changed and removed", async () => {
    const registrar = tenant.identity("registrar");
    expect(await getWatchlist(registrar, workspace(), alias())).toMatchObject({ alias: alias() });
    const id = randomUUID();
    const fields = {
      ResourceProvider: "Microsoft.KeyVault",
      ResourceId: openVault(vaults, true),
      HoneyToken: "x",
      State: "planting",
    };
    const before = await listWatchlistItems(registrar, workspace(), alias());
    await putWatchlistItem(registrar, workspace(), alias(), id, fields);
    await putWatchlistItem(registrar, workspace(), alias(), id, { ...fields, State: "live" });
    const after = await listWatchlistItems(registrar, workspace(), alias());
    expect(after).toHaveLength(before.length + 1);
    expect(after.find((item) => item.id.toLowerCase() === id)?.fields).toMatchObject({ ...fields, State: "live" });
    const item = await getWatchlistItem(collector, workspace(), alias(), id);
    expect(item).toMatchObject({ fields: { State: "live" }, updated: { name: expect.stringMatching(/./) } });
    expect(item?.created.at?.getTime()).toBeLessThanOrEqual(item?.updated.at?.getTime() ?? 0);
    expect(await deleteWatchlistItem(registrar, workspace(), alias(), id)).toBe("deleted");
    expect(await getWatchlistItem(collector, workspace(), alias(), id)).toBeUndefined();
    expect(await listWatchlistItems(registrar, workspace(), alias())).toHaveLength(before.length);
  });

  test("a missing watchlist is told, and made once", async () => {
    const registrar = tenant.identity("registrar");
    expect(await getWatchlist(registrar, workspace(), "Elsewhere")).toBeUndefined();
    expect(await ensureWatchlist(registrar, workspace(), "Elsewhere", ["TokenKey", "State"])).toBe("created");
    expect(await ensureWatchlist(registrar, workspace(), "Elsewhere", ["TokenKey", "State"])).toBe("existed");
    expect(await listWatchlistItems(registrar, workspace(), "Elsewhere")).toEqual([]);
  });

  test("rules and table plans are listed", async () => {
    expect(await listAlertRules(collector, workspace())).toBeInstanceOf(Array);
    const plans = await listTablePlans(collector, workspace());
    expect(plans).toContainEqual({ name: "AzureDiagnostics", plan: "Analytics", retentionInDays: 90 });
  });
});

describe("logs", () => {
  const workspace = () => tenant.config.workspace.customerId;
  const Row = z.object({ TimeGenerated: z.iso.datetime(), OperationName: z.string() });

  test("typed parameters reach the query as values, whatever they hold", async () => {
    const hostile = `" | take 0 // \\ ' \n`;
    const rows = await queryLogs(
      collector,
      workspace(),
      {
        kql: "print text = given, list = many, when = since, most = n, on = flag",
        parameters: { given: hostile, many: [hostile, "b"], since: new Date(1_700_000_000_000), n: 42, flag: true },
      },
      z.object({
        text: z.string(),
        list: z.array(z.string()),
        when: z.string(),
        most: z.number(),
        on: z.union([z.boolean(), z.number()]),
      }),
    );
    expect(rows).toEqual([
      { text: hostile, list: [hostile, "b"], when: "2023-11-14T22:13:20.000Z", most: 42, on: expect.anything() },
    ]);
  });

  test("rows come as objects in the shape that was asked for", async () => {
    const query = { kql: "AzureDiagnostics | project TimeGenerated, OperationName | take n", parameters: { n: 5 } };
    const rows = await queryLogs(collector, workspace(), query, Row);
    expect(rows).toHaveLength(5);
  });

  test("several queries are one call, in the order asked, and one failing leaves the others", async () => {
    const before = callCounts().logs;
    const [first, broken, last] = await queryLogsBatch(collector, workspace(), [
      { kql: "print a = 1", schema: z.object({ a: z.number() }) },
      { kql: "NoSuchTable | take 1", schema: Row },
      { kql: "print b = who", parameters: { who: "x" }, schema: z.object({ b: z.string() }) },
    ]);
    expect(callCounts().logs - before).toBe(1);
    expect(first).toEqual({ ok: true, rows: [{ a: 1 }] });
    expect(last).toEqual({ ok: true, rows: [{ b: "x" }] });
    expect(broken.ok).toBe(false);
  });

  test("a person without a right on the workspace is refused", async () => {
    const kim = (await tenant.signIn(KIM)).azure;
    await expect(queryLogs(kim, workspace(), { kql: "print 1" }, z.unknown())).rejects.toMatchObject({
      failure: { code: "forbidden" },
    });
  });
});
