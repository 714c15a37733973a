import "server-only";
import pg from "pg";
import { connectionOf, type ServerAddress } from "../connection";
import { storeFailure } from "./failures";
import type { SqlSession, SqlSource } from "./sql";

/** Connections that one process holds at most; pg-boss has its own few beside them. */
const CONNECTIONS_MAX = 8;

/** A process that is stopped within a transaction, but not dead, keeps its rows from the others no longer than this. */
const STOPPED_MS = 60_000;

/** A PostgreSQL server as a source of sessions. */
export class ServerDatabase implements SqlSource {
  private readonly pool: pg.Pool;

  constructor(server: ServerAddress) {
    this.pool = new pg.Pool({
      ...connectionOf(server),
      max: CONNECTIONS_MAX,
      connectionTimeoutMillis: 10_000,
      // Not as an option of the connection, which a pooler in between may refuse.
      onConnect: async (client) => {
        await client.query(`set idle_in_transaction_session_timeout = ${STOPPED_MS}`);
      },
    });
    // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
    this.pool.on("error", () => {});
  }

  async acquire(): Promise<SqlSession> {
    const client = await guarded(() => this.pool.connect());
    let broken: unknown;
    // The pool listens to idle connections only. One that breaks in hand, between two statements, would end the process.
    const note = (error: Error): void => {
      broken = error;
    };
    client.on("error", note);
    const run = (sql: string, values?: readonly unknown[]) =>
      guarded(async () => {
        if (broken !== undefined) throw broken;
        try {
          return await client.query(sql, values ? [...values] : undefined);
        } catch (error) {
          // A connection that failed in a way of its own is not given to the next caller.
          if (storeFailure(error) !== error) broken = error;
          throw error;
        }
      });
    return {
      query: async (sql, values) => {
        const result = await run(sql, values);
        return { rows: result.rows, affectedRows: result.rowCount ?? 0 };
      },
      begin: async (settings) => {
        await run(settings === "" ? "begin" : `start transaction ${settings}`);
      },
      commit: async () => {
        await run("commit");
      },
      rollback: async () => {
        await run("rollback");
      },
      release: () => {
        client.release(broken !== undefined);
        client.off("error", note);
      },
    };
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeFailure(error);
  }
}
