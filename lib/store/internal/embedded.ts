import "server-only";
import { AppError } from "../../errors";
import { StoreThreadEnded, storeFailure } from "./failures";
import type { SqlResult, SqlSession, SqlSource } from "./sql";
import { type StoreThread, startThread } from "./thread";

/**
 * PGlite behind a thread, with the shape that pg-boss wants (`query`, `exec`) and sessions for Kysely.
 * A thread that ended (PostgreSQL's panic on a full disk) fails its open calls and is started again by the next one.
 */
export class EmbeddedDatabase implements SqlSource {
  private thread: Promise<StoreThread> | undefined;
  private closed = false;

  /** `folder` holds the cluster; it is made when it is missing. `template` is kept between folders to save time. */
  constructor(
    private readonly folder: string,
    private readonly template: string | undefined,
  ) {}

  /** Opens it now rather than at the first statement, so that a start-up fails at the start. */
  async open(): Promise<void> {
    await this.running();
  }

  async query<T = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<{ rows: T[] }> {
    // The caller names the row's shape, as with every SQL driver: what a statement returns is known only to its author.
    return (await this.call("query", sql, values)) as { rows: T[] };
  }

  async exec(sql: string): Promise<SqlResult[]> {
    // The other end is the worker of this folder; checking each cell of each row here would cost more than the query.
    return (await this.call("exec", sql)) as SqlResult[];
  }

  /** A session of one transaction at a time. Its statements all go to the thread that the transaction began in. */
  async acquire(): Promise<SqlSession> {
    let transaction: StoreThread | undefined;
    const inside = (operation: string, sql?: string, values?: readonly unknown[]): Promise<unknown> =>
      transaction ? guarded(transaction.call(operation, sql, values)) : this.call(operation, sql, values);
    const end = async (how: "commit" | "rollback"): Promise<void> => {
      await inside(how);
      transaction = undefined;
    };
    return {
      // As in `exec`: the worker of this folder answers with this shape.
      query: async (sql, values) =>
        (await inside(transaction ? "transactionQuery" : "query", sql, values)) as SqlResult,
      begin: async (settings) => {
        const thread = await this.running();
        await guarded(thread.call("begin"));
        transaction = thread;
        if (settings !== "") await inside("transactionQuery", `set transaction ${settings}`, []);
      },
      commit: () => end("commit"),
      rollback: () => end("rollback"),
      release: () => {},
    };
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    const thread = await this.thread?.catch(() => undefined);
    await thread?.call("close").catch(() => undefined);
    await thread?.end();
  }

  private async call(operation: string, sql?: string, values?: readonly unknown[]): Promise<unknown> {
    const thread = await this.running();
    return guarded(thread.call(operation, sql, values));
  }

  private async running(): Promise<StoreThread> {
    if (this.closed) throw storeFailure(new StoreThreadEnded("The store is closed."));
    if (!this.thread) {
      const over = (): void => {
        if (this.thread === starting) this.thread = undefined;
      };
      const starting: Promise<StoreThread> = startThread({ folder: this.folder, template: this.template }, over);
      this.thread = starting;
      starting.catch(over);
    }
    try {
      return await this.thread;
    } catch (error) {
      throw openFailure(error);
    }
  }
}

async function guarded(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    throw storeFailure(error);
  }
}

/** PGlite says little about why it did not open; a full disk is the usual reason. */
function openFailure(error: unknown): unknown {
  const known = storeFailure(error);
  if (known instanceof AppError && !(error instanceof StoreThreadEnded)) return known;
  const words = error instanceof Error ? error.message : String(error);
  return new AppError(
    "unavailable",
    `The embedded database could not be opened: ${words}`,
    { fix: "Check that the disk has space and that the folder of DATA_DIR may be written, then try again." },
    error,
  );
}
