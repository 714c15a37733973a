import "server-only";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { openStore, type Store } from "../open";

/** Where the tests look for a server; the tests that need one say that they were skipped when none answers. */
const SERVER_URL = "postgres://postgres@127.0.0.1:5432/postgres";

export const TEST_TENANT = "11111111-2222-4333-8444-555555555555";

/** A place for a store of a test's own, and what takes it away again. */
export interface StorePlace {
  config: { databaseUrl: string | undefined; dataDir: string; tenantId: string };
  remove(): Promise<void>;
}

/** An empty folder for an embedded store. */
export function embeddedPlace(): StorePlace {
  const dataDir = mkdtempSync(path.join(tmpdir(), "store-"));
  return {
    config: { databaseUrl: undefined, dataDir, tenantId: TEST_TENANT },
    remove: async () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

/** Why a test that needs the server was skipped. */
export const NO_SERVER = "no PostgreSQL server answers on 127.0.0.1:5432";

/** True when a PostgreSQL server answers, at the place where the tests look unless another is named. */
export async function serverReachable(url = SERVER_URL): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

/** The kinds of store that one suite runs on; a suite of an absent server skips itself as `NO_SERVER`. */
export async function storeKinds() {
  return [
    { kind: "embedded", available: true, make: async () => embeddedPlace() },
    { kind: "server", available: await serverReachable(), make: () => serverPlace() },
  ];
}

/** An empty database of its own on the test server, or on that of another database. */
export async function serverPlace(server = SERVER_URL): Promise<StorePlace> {
  const name = `honeytokens_test_${randomUUID().replaceAll("-", "")}`;
  await administer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    config: { databaseUrl: url.href, dataDir: "unused", tenantId: TEST_TENANT },
    remove: () => administer(server, `drop database if exists ${name} with (force)`),
  };
}

async function administer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** An open embedded store in a folder of its own; `close` also removes the folder. */
export async function temporaryStore(): Promise<Store> {
  const place = embeddedPlace();
  const store = await openStore(place.config);
  return {
    ...store,
    close: async () => {
      await store.close();
      await place.remove();
    },
  };
}
