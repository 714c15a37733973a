import { randomUUID } from "node:crypto";
import { cpSync } from "node:fs";
import path from "node:path";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { writeAudit } from "./audit";
import { saveVaultFacts } from "./facts";
import { openServer } from "./internal/parts";
import { moveStore, type StorePlace } from "./move";
import { openStore, type Store } from "./open";
import { embeddedPlace, NO_SERVER, type StorePlace as Place, serverPlace, serverReachable } from "./testing/stores";

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const GROUP =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/rg/providers/microsoft.keyvault/vaults";
const now = new Date("2026-11-22T10:00:00.123Z");
/** More than one portion of the copy. */
const FACTS = 1_203;
/** Whatever a text form has to escape. */
const ODD = [
  'quote " and \\ back',
  "comma, (bracket) {brace}",
  "Zürich 金 🔑",
  "two\nlines\tand tab",
  "",
  "null",
  "''",
];

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

const kept = (place: Place): Place => {
  cleanUp.push(() => place.remove());
  return place;
};
const there = ({ config }: Place): StorePlace =>
  config.databaseUrl === undefined ? { dataDir: config.dataDir } : { databaseUrl: config.databaseUrl };

async function fill({ db }: Store): Promise<void> {
  await saveVaultFacts(
    db,
    Array.from({ length: FACTS }, (_, index) => ({
      vaultId: `${GROUP}/kv-${index}`,
      fact: "diagnostics" as const,
      data: { settings: [ODD[index % ODD.length]], nested: { empty: null, number: 0.1 } },
      collectedAt: now,
    })),
  );
  for (const [index, name] of ODD.entries()) {
    await db
      .insertInto("decoy")
      .values({
        id: randomUUID(),
        vault_id: `${GROUP}/kv-a`,
        kind: "secret",
        name,
        token_key: `${GROUP}/kv-a/secrets/${index}`,
        state: "live",
        watchlist_item_id: randomUUID(),
        created_at: sql<Date>`'2026-11-22 10:00:00.123456+00'::timestamptz`,
        updated_at: now,
      })
      .execute();
    await writeAudit(db, { by: { tid: "t", system: name }, action: "probe", result: "ok" }, now);
  }
  await db
    .insertInto("collection_wish")
    .values({ vault_id: `${GROUP}/kv-a`, asked_at: now })
    .execute();
  // The newest number is used up without a row, as by a write that was rolled back.
  await sql`select nextval(pg_get_serial_sequence('audit', 'id'))`.execute(db);
}

async function contents({ db }: Store) {
  const { rows: names } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = current_schema() and table_name not like 'kysely%' order by 1`.execute(db);
  const tables: Record<string, unknown[]> = {};
  for (const { name } of names) {
    tables[name] = (await sql`select * from ${sql.id(name)} order by 1, 2`.execute(db)).rows;
  }
  return tables;
}

test("a folder that is no store, and one that a product holds, are refused", async () => {
  const place = kept(embeddedPlace());
  const nowhere = { databaseUrl: "postgres://postgres@127.0.0.1:1/none" };
  await expect(moveStore(there(place), nowhere)).rejects.toMatchObject({ failure: { code: "not_found" } });
  const running = await openStore(place.config);
  cleanUp.push(() => running.close());
  await expect(moveStore(there(place), nowhere)).rejects.toMatchObject({
    failure: { code: "unavailable", message: expect.stringContaining(`process ${process.pid}`) },
  });
});

describe("between the embedded store and a server", async () => {
  if (!(await serverReachable())) {
    test.skip(NO_SERVER, () => {});
    return;
  }

  const made = embeddedPlace();
  let before: Awaited<ReturnType<typeof contents>>;
  beforeAll(async () => {
    const store = await openStore(made.config);
    await fill(store);
    before = await contents(store);
    await store.close();
  });
  afterAll(() => made.remove());

  /** A copy of the filled store, of a test's own. */
  function filled(): Place {
    const place = kept(embeddedPlace());
    cpSync(path.join(made.config.dataDir, "db"), path.join(place.config.dataDir, "db"), { recursive: true });
    return place;
  }
  async function look<T>(place: Place, at: (store: Store) => Promise<T>): Promise<T> {
    const store = await openStore(place.config);
    try {
      return await at(store);
    } finally {
      await store.close();
    }
  }

  test("every table arrives as it was, there and back, and the source stays", async () => {
    const place = filled();
    const server = kept(await serverPlace());
    const moved = await moveStore(there(place), there(server));
    expect(moved.map(({ name }) => name).sort()).toEqual(Object.keys(before).sort());
    expect(moved.find(({ name }) => name === "vault_fact")?.rows).toBe(FACTS);
    expect(await look(server, contents)).toEqual(before);
    expect(await look(place, contents)).toEqual(before);

    const back = kept(embeddedPlace());
    await moveStore(there(server), there(back));
    await look(back, async (store) => {
      expect(await contents(store)).toEqual(before);
      const { rows } = await sql`select distinct to_char(created_at, 'US') as at from decoy`.execute(store.db);
      expect(rows).toEqual([{ at: "123456" }]);
      await writeAudit(store.db, { by: { tid: "t", system: "s" }, action: "after", result: "ok" }, now);
      const next = store.db.selectFrom("audit").select("id").where("action", "=", "after");
      expect(Number((await next.executeTakeFirstOrThrow()).id)).toBe(ODD.length + 2);
    });
  });

  test("a target with data in it is left alone", async () => {
    const place = filled();
    const server = kept(await serverPlace());
    await look(server, async () => {});
    await expect(moveStore(there(place), there(server))).rejects.toMatchObject({
      failure: { code: "conflict", message: expect.stringContaining("tenant"), fix: expect.stringContaining("empty") },
    });
    expect((await look(server, contents)).decoy).toEqual([]);
  });

  test("a server whose product still runs is not moved away", async () => {
    const server = kept(await serverPlace());
    const running = await openStore(server.config);
    cleanUp.push(() => running.close());
    await expect(moveStore(there(server), there(kept(embeddedPlace())))).rejects.toMatchObject({
      failure: { code: "unavailable", message: expect.stringContaining("in use") },
    });
  });

  test("a store of another version is brought up to date first", async () => {
    const place = filled();
    await look(place, ({ db }) => sql`insert into kysely_migration values ('9999-future', 'now')`.execute(db));
    await expect(moveStore(there(place), there(kept(await serverPlace())))).rejects.toMatchObject({
      failure: { code: "conflict", fix: expect.stringContaining("this version") },
    });
  });

  test("what does not arrive whole is taken back", async () => {
    const place = filled();
    const server = kept(await serverPlace());
    await look(server, ({ db }) => sql`delete from tenant`.execute(db));
    const { db, close } = openServer({ url: server.config.databaseUrl ?? "" }, () => {});
    await sql`create function lose() returns trigger language plpgsql as 'begin return null; end'`.execute(db);
    await sql`create trigger lose before insert on decoy for each row when (new.name = 'null') execute function lose()`.execute(
      db,
    );
    await expect(moveStore(there(place), there(server))).rejects.toThrow(
      "decoy did not arrive as it was: 7 rows became 6",
    );
    const { rows } = await sql`select 1 from tenant union all select 1 from vault_fact`.execute(db);
    expect(rows).toEqual([]);
    await close();
  });

  test("a server waits for the other side however long that takes", async () => {
    const place = filled();
    const server = kept(await serverPlace());
    await look(server, ({ db }) => sql`delete from tenant`.execute(db));
    const { db, close } = openServer({ url: server.config.databaseUrl ?? "" }, () => {});
    await sql`create function ends() returns trigger language plpgsql as 'begin
      raise exception ''ended when idle for %'', current_setting(''idle_in_transaction_session_timeout''); end'`.execute(
      db,
    );
    await sql`create trigger ends before insert on decoy for each statement
      when (current_setting('idle_in_transaction_session_timeout') <> '0') execute function ends()`.execute(db);
    await close();
    await moveStore(there(place), there(server));
    expect((await look(server, contents)).decoy).toHaveLength(ODD.length);
  });
});
