import "server-only";
import { createRequire } from "node:module";
import path from "node:path";
import { Kysely } from "kysely";
import { fromPglite, PgBoss } from "pg-boss";
import { connectionOf, type ServerAddress } from "../connection";
import { lockFolder } from "../lock";
import type { Database } from "../schema";
import { dialectFor } from "./dialect";
import { EmbeddedDatabase } from "./embedded";
import { aloneLife, type Life, serverLife } from "./life";
import { startMaintenance } from "./maintenance";
import { ServerDatabase } from "./server";

/** Told about faults of background work, which no caller would otherwise see. */
export type OnProblem = (what: string, error: unknown) => void;

/** An open database with the job engine on it, not started and not brought up to date. */
export interface Parts {
  db: Kysely<Database>;
  kind: "embedded" | "server";
  boss: PgBoss;
  life: Life;
  close(): Promise<void>;
}

/**
 * The embedded database in `dataDir/db`, which is made when it is missing, locked for this process.
 *
 * @throws AppError `unavailable` when the folder is held by another process (named) or the disk is full
 */
export async function openEmbedded(dataDir: string, onProblem: OnProblem): Promise<Parts> {
  const unlock = await lockFolder(dataDir);
  const database = new EmbeddedDatabase(path.join(dataDir, "db"), templateFolder());
  try {
    await database.open();
  } catch (error) {
    await database.close();
    await unlock();
    throw error;
  }
  const stopMaintenance = startMaintenance(database, onProblem);
  const db = new Kysely<Database>({ dialect: dialectFor(database) });
  const boss = new PgBoss({
    backend: "pglite",
    db: fromPglite(database),
    superviseIntervalSeconds: 60,
    // The clean-up of our own covers the job tables too, and nothing else vacuums here.
    monitorVacuum: false,
    reindex: false,
  });
  return {
    db,
    kind: "embedded",
    boss,
    life: aloneLife(),
    close: async () => {
      stopMaintenance();
      await db.destroy();
      await database.close();
      await unlock();
    },
  };
}

/** A server; whether it answers shows at the first statement. */
export function openServer(server: ServerAddress, onProblem: OnProblem): Parts {
  const database = new ServerDatabase(server);
  const db = new Kysely<Database>({ dialect: dialectFor(database) });
  // A dead worker's jobs are taken over within seconds, not after the default minute (heartbeat: see jobs.ts).
  const boss = new PgBoss({
    ...connectionOf(server),
    max: 4,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
  });
  const life = serverLife(server, onProblem);
  return {
    db,
    kind: "server",
    boss,
    life,
    close: async () => {
      await life.end();
      await db.destroy();
      await database.close();
    },
  };
}

/** An initialised cluster of this PGlite version, kept beside the packages that it belongs to. */
function templateFolder(): string | undefined {
  try {
    const entry = createRequire(path.join(process.cwd(), "package.json")).resolve("@electric-sql/pglite");
    const modules = entry.slice(0, entry.lastIndexOf(`${path.sep}@electric-sql${path.sep}`));
    return path.join(modules, ".cache", "key-vault-honeytokens", "pglite-0.5.16");
  } catch {
    return undefined;
  }
}
