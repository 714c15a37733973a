import "server-only";
import { existsSync } from "node:fs";
import path from "node:path";
import { type Kysely, sql } from "kysely";
import { AppError } from "../errors";
import { SEEDED, tablesInOrder } from "./internal/catalogue";
import { type CopiedTable, copyTables } from "./internal/copy";
import { storeFailure } from "./internal/failures";
import { migrate } from "./internal/migrations";
import { openEmbedded, openServer, type Parts } from "./internal/parts";
import type { Database } from "./schema";

/** Where a store is: on a PostgreSQL server, or embedded in a data folder. */
export type StorePlace = { databaseUrl: string } | { dataDir: string };

/**
 * Copies a whole store to another place: every table of the product, in one transaction there, checked row by row. The
 * source stays as it is. Jobs are not copied: the product derives them from the ledger when it starts.
 *
 * @returns the tables with their numbers of rows
 * @throws AppError `unavailable` when a product uses the source or a server does not answer; `not_found` when there is
 *   no source; `conflict` when the target holds data already, or the source is not of this version
 */
export async function moveStore(from: StorePlace, to: StorePlace): Promise<CopiedTable[]> {
  if ("dataDir" in from && !existsSync(path.join(from.dataDir, "db", "PG_VERSION"))) {
    throw new AppError("not_found", `There is no embedded store in ${from.dataDir}.`, {
      fix: "Name the folder that the product used: DATA_DIR.",
    });
  }
  return withPlace(from, async (source) => {
    await requireAlone(source);
    return withPlace(to, async (target) => {
      await requireEmpty(target.db);
      await migrate(target.db);
      await requireSameVersion(source.db, target.db);
      return copyTables(source.db, target.db);
    });
  });
}

async function withPlace<T>(place: StorePlace, work: (parts: Parts) => Promise<T>): Promise<T> {
  const parts =
    "dataDir" in place ? await openEmbedded(place.dataDir, () => {}) : openServer({ url: place.databaseUrl }, () => {});
  try {
    return await work(parts);
  } catch (error) {
    throw storeFailure(error);
  } finally {
    await parts.close();
  }
}

/** An embedded store is locked by who opens it; on a server the other connections tell. */
async function requireAlone({ kind, db }: Parts): Promise<void> {
  if (kind === "embedded") return;
  const { rows } = await sql<{ others: string }>`
    select count(*)::text "others" from pg_stat_activity
    where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`.execute(db);
  const others = Number(rows[0]?.others ?? 0);
  if (others === 0) return;
  throw new AppError("unavailable", `The database is in use: ${others} other connections are open.`, {
    fix: "Stop every web and worker process first.",
  });
}

async function requireEmpty(db: Kysely<Database>): Promise<void> {
  for (const { name } of await tablesInOrder(db)) {
    const { rows } = await sql`select 1 from ${sql.id(name)} limit 1`.execute(db);
    if (rows.length === 0 || SEEDED.has(name)) continue;
    throw new AppError("conflict", `The target holds data already: its table ${name} has rows.`, {
      fix: "Name an empty database. Nothing was changed.",
    });
  }
}

async function requireSameVersion(source: Kysely<Database>, target: Kysely<Database>): Promise<void> {
  const [old, current] = await Promise.all([appliedTo(source), appliedTo(target)]);
  if (old === current) return;
  throw new AppError("conflict", "The store was last used by another version of the product.", {
    fix: "Start this version once on the old store, which brings its tables up to date; stop it; then move.",
  });
}

async function appliedTo(db: Kysely<Database>): Promise<string> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map(({ name }) => name).join(" ");
}
