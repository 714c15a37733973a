import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AppError } from "../errors";
import { writeAudit } from "./audit";
import { importDecoys, listDecoys, registerIsEmpty } from "./decoys";
import { isTaken } from "./errors";
import { readVaultFacts, saveVaultFacts } from "./facts";
import { openStore, type Store } from "./open";
import { embeddedPlace, NO_SERVER, type StorePlace, serverPlace, serverReachable, storeKinds } from "./testing/stores";

const VAULT =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-a";
const now = new Date("2026-11-22T10:00:00Z");
const kinds = await storeKinds();

function decoy(name: string) {
  return {
    id: randomUUID(),
    vault_id: VAULT,
    kind: "secret" as const,
    name,
    token_key: `${VAULT}/secrets/${name}`,
    state: "live" as const,
    watchlist_item_id: randomUUID(),
    created_at: now,
    updated_at: now,
  };
}

describe.each(kinds)("the $kind store", ({ available, make }) => {
  if (!available) {
    test.skip(NO_SERVER, () => {});
    return;
  }
  let place: StorePlace;
  let store: Store;
  beforeAll(async () => {
    place = await make();
    store = await openStore(place.config);
  }, 60_000);
  afterAll(async () => {
    await store.close();
    await place.remove();
  });

  test("takes a token only once while it is in use, and again after it was retired", async () => {
    expect(await registerIsEmpty(store.db)).toBe(true);
    const first = decoy("sql-admin");
    expect(await importDecoys(store.db, [first, decoy("api-key")])).toBe(2);
    expect(await importDecoys(store.db, [decoy("sql-admin")])).toBe(0);
    const again = store.db.insertInto("decoy").values(decoy("sql-admin"));
    await expect(again.execute()).rejects.toSatisfy(isTaken);
    await store.db.updateTable("decoy").set({ state: "retired" }).where("id", "=", first.id).execute();
    await again.execute();
    expect((await listDecoys(store.db, VAULT)).map((row) => row.name).sort()).toEqual(["api-key", "sql-admin"]);
    expect(await registerIsEmpty(store.db)).toBe(false);
  });

  test("keeps nothing of a transaction that failed, and times as dates", async () => {
    const id = randomUUID();
    const failed = store.db.transaction().execute(async (transaction) => {
      await transaction
        .insertInto("decoy")
        .values({ ...decoy("rolled-back"), id })
        .execute();
      throw new Error("no");
    });
    await expect(failed).rejects.toThrow("no");
    expect(await store.db.selectFrom("decoy").select("id").where("id", "=", id).execute()).toEqual([]);
    const [row] = await listDecoys(store.db);
    expect(row?.created_at).toEqual(now);
  });

  test("an older fact never replaces a newer one", async () => {
    const fact = (minutes: number) => ({
      vaultId: VAULT,
      fact: "diagnostics" as const,
      data: { minutes },
      collectedAt: new Date(now.getTime() + minutes * 60_000),
    });
    await saveVaultFacts(store.db, [fact(5)]);
    await saveVaultFacts(store.db, [fact(3)]);
    expect((await readVaultFacts(store.db, "diagnostics")).map((row) => row.data)).toEqual([{ minutes: 5 }]);
    expect(await readVaultFacts(store.db, "diagnostics", [])).toEqual([]);
  });

  test("writes who did what", async () => {
    const by = { tid: "t", oid: "o", name: "Kim" };
    await writeAudit(store.db, { by, action: "deployment.start", vaultId: VAULT, result: "ok" }, now);
    const row = await store.db.selectFrom("audit").selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ who: "Kim", oid: "o", action: "deployment.start", before: {}, result: "ok" });
    expect(typeof row.id).toBe("string");
  });

  test("opens again with its rows, refuses another tenant and says what to do", async () => {
    await store.close();
    const other = { ...place.config, tenantId: randomUUID() };
    await expect(openStore(other)).rejects.toMatchObject({
      failure: { code: "conflict", fix: expect.stringContaining("npm run reset") },
    });
    store = await openStore(place.config);
    expect(await listDecoys(store.db)).toHaveLength(2);
  });
});

test("several processes may bring one server up to date at the same time", async (context) => {
  if (!(await serverReachable())) return context.skip(NO_SERVER);
  const place = await serverPlace();
  const stores = await Promise.all([1, 2, 3].map(() => openStore(place.config)));
  await Promise.all(stores.map((store) => store.close()));
  await place.remove();
}, 60_000);

test("a connection that the server ends in the middle of a transaction costs that transaction and no more", async (context) => {
  if (!(await serverReachable())) return context.skip(NO_SERVER);
  const place = await serverPlace();
  const store = await openStore(place.config);
  try {
    const pid = sql<{ pid: number }>`select pg_backend_pid() pid`;
    const cut = store.db.transaction().execute(async (transaction) => {
      const { rows } = await pid.execute(transaction);
      await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(store.db);
      // Heard of while nothing is asked, which is what would end a process.
      await new Promise((resolve) => setTimeout(resolve, 300));
      await pid.execute(transaction);
    });
    await expect(cut).rejects.toMatchObject({ failure: { code: "unavailable" } });
    expect((await pid.execute(store.db)).rows).toHaveLength(1);
  } finally {
    await store.close();
    await place.remove();
  }
});

test("a server that does not answer is a sentence with what to do", async () => {
  const config = { databaseUrl: "postgres://postgres@127.0.0.1:1/none", dataDir: "unused", tenantId: "t" };
  await expect(openStore(config)).rejects.toMatchObject({
    failure: { code: "unavailable", fix: expect.stringContaining("DATABASE_URL") },
  });
});

test("a server that lets us not in says why, in a sentence with what to do", async (context) => {
  if (!(await serverReachable())) return context.skip(NO_SERVER);
  const place = await serverPlace();
  const url = new URL(place.config.databaseUrl ?? "");
  const reasonFor = async (change: (address: URL) => void): Promise<unknown> => {
    const changed = new URL(url);
    change(changed);
    const store = await openStore({ ...place.config, databaseUrl: changed.href }).catch((error: unknown) => error);
    return store instanceof AppError ? store.failure : store;
  };
  const failure = (message: string) => ({
    code: "unavailable",
    message: expect.stringContaining(message),
    fix: expect.stringMatching(/DATABASE_URL|owner/),
  });
  expect(await reasonFor((address) => (address.pathname = "/no-such-database"))).toEqual(failure("is not there"));
  expect(await reasonFor((address) => (address.username = `nobody-${randomUUID()}`))).toEqual(failure("this user"));
  const owner = await openStore(place.config);
  const stranger = `stranger_${randomUUID().replaceAll("-", "")}`;
  await sql.raw(`create role ${stranger} login password 'only-for-this-test'`).execute(owner.db);
  try {
    const asStranger = (address: URL) => {
      address.username = stranger;
      address.password = "only-for-this-test";
    };
    expect(await reasonFor(asStranger)).toEqual(failure("may not create"));
  } finally {
    await sql.raw(`drop role ${stranger}`).execute(owner.db);
    await owner.close();
    await place.remove();
  }
}, 60_000);

test("a folder with other files in it is left alone", async () => {
  const place = embeddedPlace();
  mkdirSync(path.join(place.config.dataDir, "db"));
  writeFileSync(path.join(place.config.dataDir, "db", "letter.txt"), "mine");
  await expect(openStore(place.config)).rejects.toThrow("holds files but no database");
  await place.remove();
});
