import "server-only";
import { randomBytes } from "node:crypto";
import type { Kysely } from "kysely";
import type { PgBoss } from "pg-boss";
import type { Config } from "../config";
import { AppError } from "../errors";
import type { DatabasePassword } from "./connection";
import { codeOf } from "./internal/failures";
import type { Life } from "./internal/life";
import { migrate } from "./internal/migrations";
import { type OnProblem, openEmbedded, openServer } from "./internal/parts";
import type { Database } from "./schema";

/** The product's durable state: one SQL dialect, embedded in this process or on a PostgreSQL server. */
export interface Store {
  db: Kysely<Database>;
  kind: "embedded" | "server";
  /** Made, but started only by the first job: see jobs.ts. */
  boss: PgBoss;
  /** How the processes that share a store see each other's death. */
  life: Life;
  /** What jobs.ts has started of `boss`. Lives here because bundles may hold jobs.ts more than once. */
  dispatch: {
    started: Promise<unknown> | undefined;
    queues: Map<string, Promise<void>>;
    workers: Map<string, string>;
  };
  close(): Promise<void>;
}

/**
 * Opens the store and brings its tables up to date: with `databaseUrl` a PostgreSQL 13 or later, without it the
 * embedded one in `dataDir/db`, which only one process can hold.
 *
 * @param password gives the server's password where `databaseUrl` holds none
 *
 * @throws AppError `unavailable` when the folder is held by another process (named), the disk is full or the server
 *   does not answer or does not let us in; `conflict` when the store belongs to another tenant
 */
export async function openStore(
  config: Pick<Config, "databaseUrl" | "dataDir" | "tenantId">,
  onProblem: OnProblem = () => {},
  password?: DatabasePassword,
): Promise<Store> {
  const { databaseUrl } = config;
  const parts =
    databaseUrl === undefined
      ? await openEmbedded(config.dataDir, onProblem)
      : openServer({ url: databaseUrl, password }, onProblem);
  const { db, boss, life } = parts;
  const dispatch: Store["dispatch"] = { started: undefined, queues: new Map(), workers: new Map() };
  boss.on("error", (error) => onProblem("job engine", error));
  const close = async (): Promise<void> => {
    if (dispatch.started) await boss.stop({ graceful: true, timeout: 2_000 }).catch(() => {});
    await parts.close();
  };
  try {
    await migrate(db);
    await guardTenant(db, config.tenantId);
  } catch (error) {
    await close();
    throw codeOf(error) === INSUFFICIENT_PRIVILEGE ? noRight(error) : error;
  }
  return { db, kind: parts.kind, boss, life, dispatch, close };
}

/** PostgreSQL's code; from version 15 on it is the answer to whoever creates a table in a database of somebody else. */
const INSUFFICIENT_PRIVILEGE = "42501";

function noRight(error: unknown): AppError {
  const fix = "Make that user the owner of the database, or follow docs/decisions/0013-audit-append-only.md.";
  return new AppError("unavailable", "The user in DATABASE_URL may not create the product's tables.", { fix }, error);
}

/** Writes the tenant into a new store and refuses the store of another one. */
async function guardTenant(db: Kysely<Database>, tenantId: string): Promise<void> {
  const fresh = { id: 1, tenant_id: tenantId, hash_key: randomBytes(32).toString("base64url"), created_at: new Date() };
  await db
    .insertInto("tenant")
    .values(fresh)
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute();
  const row = await db.selectFrom("tenant").select("tenant_id").executeTakeFirstOrThrow();
  if (row.tenant_id.toLowerCase() === tenantId.toLowerCase()) return;
  throw new AppError("conflict", `This store belongs to tenant ${row.tenant_id}, not to ${tenantId}.`, {
    fix: "Use that tenant's settings, or another DATA_DIR or DATABASE_URL. `npm run reset` empties the data folder.",
  });
}
