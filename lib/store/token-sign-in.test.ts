import { afterEach, expect, test } from "vitest";
import { connectionOf } from "./connection";
import { openStore } from "./open";
import { otherSessions } from "./sessions";
import { NO_SERVER, serverPlace, serverReachable } from "./testing/stores";
import { startTokenFront, type TokenFront } from "./testing/token-front";

const reachable = await serverReachable();
if (!reachable) test.skip(NO_SERVER, () => {});
const undo: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

async function place(): Promise<{ front: TokenFront; config: Parameters<typeof openStore>[0] }> {
  const behind = await serverPlace();
  undo.push(() => behind.remove());
  const front = await startTokenFront({ host: "127.0.0.1", port: 5432 }, "token-1");
  undo.push(() => front.close());
  const database = new URL(behind.config.databaseUrl ?? "").pathname.slice(1);
  return { front, config: { ...behind.config, databaseUrl: front.url("postgres", database) } };
}

test.skipIf(!reachable)("a store is opened with a token, asked for at each connection", async () => {
  const { front, config } = await place();
  const store = await openStore(config, undefined, async () => front.valid);
  undo.push(() => store.close());
  await store.life.begin();
  await store.boss.start();
  const before = front.given.length;
  // Migration, job engine and the session that shows that we live: each signs in by itself.
  expect(before).toBeGreaterThanOrEqual(3);
  front.valid = "token-2";
  await expect(
    otherSessions({ url: config.databaseUrl ?? "", password: async () => front.valid }),
  ).resolves.toBeGreaterThan(0);
  expect(new Set(front.given)).toEqual(new Set(["token-1", "token-2"]));
});

test.skipIf(!reachable)("a token that the server does not take is said so, with what to do", async () => {
  const { config } = await place();
  await expect(openStore(config, undefined, async () => "another")).rejects.toMatchObject({
    failure: { code: "unavailable", fix: expect.stringContaining("DATABASE_IDENTITY_CLIENT_ID") },
  });
});

test("a token goes only over a connection whose server proves its name", () => {
  const password = async () => "token";
  const azure = "postgres://id-web@psql-x.postgres.database.azure.com/honeytokens?sslmode=verify-full";
  expect(connectionOf({ url: azure, password })).toEqual({
    host: "psql-x.postgres.database.azure.com",
    port: 5432,
    user: "id-web",
    database: "honeytokens",
    password,
    ssl: { rejectUnauthorized: true },
  });
  expect(connectionOf({ url: azure })).toEqual({ connectionString: azure });
});
