import "server-only";
import { existsSync } from "node:fs";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { z } from "zod";
import { StoreThreadEnded, storeFailure } from "./failures";
import type { SqlResult, SqlSession, SqlSource } from "./sql";

const PlainError = z.object({
  message: z.string(),
  code: z.string().optional(),
  detail: z.string().optional(),
  constraint: z.string().optional(),
  table: z.string().optional(),
});
const Answer = z.object({ id: z.number(), error: PlainError.optional(), result: z.unknown().optional() });
const Message = z.union([z.object({ ready: z.literal(true) }), z.object({ failed: PlainError }), Answer]);

interface Call {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/**
 * PGlite behind a thread, with the shape that pg-boss wants (`query`, `exec`) and sessions for Kysely.
 * A thread that ended (WASM abort on a full disk) fails its open calls and is started again by the next one.
 */
export class EmbeddedDatabase implements SqlSource {
  private thread: Promise<Worker> | undefined;
  private readonly calls = new Map<number, Call>();
  private lastId = 0;
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

  async acquire(): Promise<SqlSession> {
    let inTransaction = false;
    const end = async (how: "commit" | "rollback"): Promise<void> => {
      inTransaction = false;
      await this.call(how);
    };
    return {
      // As in `exec`: the worker of this folder answers with this shape.
      query: async (sql, values) =>
        (await this.call(inTransaction ? "transactionQuery" : "query", sql, values)) as SqlResult,
      begin: async (settings) => {
        await this.call("begin");
        inTransaction = true;
        if (settings !== "") await this.call("transactionQuery", `set transaction ${settings}`, []);
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
    if (!thread) return;
    await this.send(thread, "close").catch(() => undefined);
    await thread.terminate();
  }

  private async call(operation: string, sql?: string, values?: readonly unknown[]): Promise<unknown> {
    try {
      return await this.send(await this.running(), operation, sql, values);
    } catch (error) {
      throw storeFailure(error);
    }
  }

  private send(thread: Worker, operation: string, sql?: string, values?: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = ++this.lastId;
      this.calls.set(id, { resolve, reject });
      thread.postMessage({ id, operation, sql, values });
    });
  }

  private running(): Promise<Worker> {
    if (this.closed) throw new StoreThreadEnded("The store is closed.");
    this.thread ??= this.start().catch((error: unknown) => {
      this.thread = undefined;
      throw storeFailure(error);
    });
    return this.thread;
  }

  private start(): Promise<Worker> {
    return new Promise((resolve, reject) => {
      // Output is taken off the console: PostgreSQL's own words belong into the error, not between the product's lines.
      const thread = new Worker(workerFile(), {
        workerData: { folder: this.folder, template: this.template },
        stdout: true,
        stderr: true,
        execArgv: [],
      });
      let words = "";
      thread.stdout.resume();
      thread.stderr.on("data", (text: Buffer) => {
        words = (words + text.toString()).slice(-4000);
      });
      thread.on("message", (raw: unknown) => {
        const message = Message.parse(raw);
        if ("ready" in message) resolve(thread);
        else if ("failed" in message) {
          void thread.terminate();
          reject(asError(message.failed));
        } else this.answer(message);
      });
      const ended = (cause: unknown): void => {
        const error = new StoreThreadEnded(`The thread of the embedded database ended. ${words}`, { cause });
        if (this.thread !== undefined && !this.closed) this.thread = undefined;
        for (const call of this.calls.values()) call.reject(error);
        this.calls.clear();
        reject(error);
      };
      thread.on("error", ended);
      thread.on("exit", ended);
    });
  }

  private answer(message: z.infer<typeof Answer>): void {
    const call = this.calls.get(message.id);
    this.calls.delete(message.id);
    if (message.error) call?.reject(asError(message.error));
    else call?.resolve(message.result);
  }
}

function asError(plain: z.infer<typeof PlainError>): Error {
  return Object.assign(new Error(plain.message), plain);
}

/**
 * The worker lies beside this file in the sources; a bundle is somewhere else, so it is found from the working folder,
 * which is the repository's root for `npm start`, for the tests and for the container.
 */
function workerFile(): string {
  const file = path.join(process.cwd(), "lib", "store", "internal", "pglite-worker.mjs");
  if (!existsSync(file)) throw new Error(`The embedded database needs ${file}: start the product from its own folder.`);
  return file;
}
