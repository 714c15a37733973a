import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { auditReading, writeAudit } from "./audit";
import { openStore, type Store } from "./open";
import { NO_SERVER, type StorePlace, serverPlace, serverReachable, storeKinds } from "./testing/stores";

const NOW = new Date("2026-11-22T10:00:00Z");
const BY = { tid: "t", oid: "o", name: "Kim" };
const server = await serverReachable();
const kinds = await storeKinds();

describe.each(kinds)("the audit table of the $kind store", ({ available, make }) => {
  if (!available) {
    test.skip(NO_SERVER, () => {});
    return;
  }
  let place: StorePlace;
  let store: Store;
  beforeAll(async () => {
    place = await make();
    store = await openStore(place.config);
    await writeAudit(store.db, { by: BY, action: "deployment.start", result: "ok" }, NOW);
  });
  afterAll(async () => {
    await store.close();
    await place.remove();
  });

  const rows = () => store.db.selectFrom("audit").selectAll().execute();

  test.each([
    ["an update", "update audit set result = 'nothing happened'"],
    ["an update that meets no row", "update audit set result = '' where false"],
    ["a delete", "delete from audit"],
    ["a truncate", "truncate audit"],
    ["a truncate of other tables with it", "truncate setting, audit"],
    [
      "an insert that turns into an update",
      `insert into audit (id, at, tid, oid, who, action, before, after, result)
      overriding system value select id, at, tid, oid, who, action, before, after, result from audit
      on conflict (id) do update set result = 'nothing happened'`,
    ],
  ])("refuses %s", async (_, statement) => {
    const before = await rows();
    expect(before).toHaveLength(1);
    await expect(sql.raw(statement).execute(store.db)).rejects.toThrow("The audit table is append-only");
    expect(await rows()).toEqual(before);
  });

  test("refuses them in replication mode too", async () => {
    const inReplicationMode = store.db.transaction().execute(async (transaction) => {
      await sql`set local session_replication_role = replica`.execute(transaction);
      await sql`delete from audit`.execute(transaction);
    });
    await expect(inReplicationMode).rejects.toThrow("The audit table is append-only");
    expect(await rows()).toHaveLength(1);
  });

  test("takes rows and gives them back as they were", async () => {
    const entry = { by: BY, action: "setting.change", before: { perVault: 1 }, after: { perVault: 2 }, result: "ok" };
    await writeAudit(store.db, entry, NOW);
    expect((await rows()).at(-1)).toMatchObject({ before: { perVault: 1 }, after: { perVault: 2 }, who: "Kim" });
  });

  test("keeps a reading once an hour for each person and thing", async () => {
    const ana = { ...BY, oid: "ana", upn: undefined, roles: [] };
    const read = (what: Record<string, string>, minutes: number, by = ana) =>
      auditReading(store.db, { by, action: "incident.read", what }, new Date(NOW.getTime() + minutes * 60_000));
    for (const minutes of [0, 1, 59]) await read({ incident: "a" }, minutes);
    await read({ incident: "b" }, 2);
    await read({ incident: "a" }, 3, { ...ana, oid: "kim" });
    await read({ incident: "a" }, 61);
    const kept = (await rows()).filter(({ action }) => action === "incident.read");
    expect(kept.map(({ oid, after }) => `${oid} ${after.incident}`)).toEqual(["ana a", "ana b", "kim a", "ana a"]);
  });

  test("keeps a reading of each vault, and takes another number of decoys for the same reading", async () => {
    const by = { ...BY, oid: "ana", upn: undefined, roles: [] };
    const read = (vaultId: string | undefined, decoys: number) =>
      auditReading(store.db, { by, action: "decoys.read", ...(vaultId && { vaultId }), details: { decoys } }, NOW);
    await read("/one", 1);
    await read("/two", 2);
    await read(undefined, 3);
    await read("/one", 4);
    const kept = (await rows()).filter(({ action }) => action === "decoys.read");
    expect(kept.map(({ vault_id, after }) => [vault_id, after.decoys])).toEqual([
      ["/one", 1],
      ["/two", 2],
      [null, 3],
    ]);
  });
});

describe.skipIf(!server)("a server set up as docs/decisions/0013 says", () => {
  const suffix = randomUUID().slice(0, 8);
  const [owner, app] = [`honeytokens_owner_${suffix}`, `honeytokens_app_${suffix}`];
  let place: StorePlace;
  let asApp: StorePlace["config"];

  async function asSuperuser(statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: place.config.databaseUrl });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  }

  beforeAll(async () => {
    place = await serverPlace();
    const first = await openStore(place.config);
    await first.boss.start();
    await writeAudit(first.db, { by: BY, action: "deployment.start", result: "ok" }, NOW);
    await first.boss.stop({ graceful: false });
    await first.close();
    const text = readFileSync("docs/decisions/0013-audit-append-only.md", "utf8");
    const documented = /```sql\n(.*?)```/s.exec(text)?.[1] ?? "";
    await asSuperuser(documented.replaceAll("honeytokens_owner", owner).replaceAll("honeytokens_app", app));
    const url = new URL(place.config.databaseUrl ?? "");
    url.username = app;
    asApp = { ...place.config, databaseUrl: url.href };
  });
  afterAll(async () => {
    await asSuperuser(`drop owned by ${app}, ${owner}; drop role ${app}; drop role ${owner}`);
    await place.remove();
  });

  test("runs the product, job engine included, and records what it does", async () => {
    const store = await openStore(asApp);
    try {
      await store.boss.start();
      await store.boss.createQueue("sample");
      expect(await store.boss.send("sample", {})).toEqual(expect.any(String));
      await writeAudit(store.db, { by: BY, action: "grant.give", result: "ok" }, NOW);
      expect(await store.db.selectFrom("audit").select("action").execute()).toContainEqual({ action: "grant.give" });
      await store.boss.stop({ graceful: false });
    } finally {
      await store.close();
    }
  });

  test.each([
    ["change a row", "update audit set result = ''", "permission denied for table audit"],
    ["delete a row", "delete from audit", "permission denied for table audit"],
    ["empty the table", "truncate audit", "permission denied for table audit"],
    ["drop the table", "drop table audit", "must be owner of table audit"],
    ["drop the trigger", "drop trigger audit_append_only on audit", "must be owner of relation audit"],
    ["switch the trigger off", "alter table audit disable trigger all", "must be owner of table audit"],
    [
      "take the refusal out of the function",
      "create or replace function audit_refuse_change() returns trigger language plpgsql as 'begin return null; end'",
      /permission denied for schema public|must be owner of function/,
    ],
    ["become the owner", "set role OWNER", "permission denied to set role"],
    ["drop the schema", "drop schema public cascade", "must be owner of schema public"],
    ["stop triggers", "set session_replication_role = replica", "permission denied to set parameter"],
  ])("does not let the product's role %s", async (_, statement, refusal) => {
    const store = await openStore(asApp);
    try {
      await expect(sql.raw(statement.replace("OWNER", owner)).execute(store.db)).rejects.toThrow(refusal);
      expect(await store.db.selectFrom("audit").selectAll().execute()).not.toEqual([]);
    } finally {
      await store.close();
    }
  });
});
