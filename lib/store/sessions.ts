import "server-only";
import { Kysely, sql } from "kysely";
import pg from "pg";
import { AppError } from "@/lib/errors";
import { connectionOf, type ServerAddress } from "./connection";
import { dialectFor } from "./internal/dialect";
import { storeFailure } from "./internal/failures";
import { ServerDatabase } from "./internal/server";
import type { Database } from "./schema";

/**
 * Sessions that anybody else has with this database of a PostgreSQL server: another process of the product, or a person
 * with a console. Throws AppError `unavailable` when the server does not answer.
 */
export async function otherSessions(server: ServerAddress): Promise<number> {
  const client = new pg.Client({ ...connectionOf(server), connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ sessions: string }>(
      `select count(*) sessions from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
    );
    return Number(rows[0]?.sessions ?? 0);
  } catch (error) {
    throw storeFailure(error);
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * The store on a server, for reading beside the product: nothing is brought up to date and no job runs. Undefined when the
 * server does not answer or has no store yet.
 */
export async function readServer(
  server: ServerAddress,
): Promise<{ db: Kysely<Database>; close(): Promise<void> } | undefined> {
  const database = new ServerDatabase(server);
  const db = new Kysely<Database>({ dialect: dialectFor(database) });
  const close = async () => {
    await db.destroy();
    await database.close();
  };
  try {
    const { rows } = await sql<{ there: boolean }>`select to_regclass('setting') is not null as there`.execute(db);
    if (rows[0]?.there === true) return { db, close };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
  await close();
  return undefined;
}
