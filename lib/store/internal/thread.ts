import "server-only";
import { existsSync } from "node:fs";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { z } from "zod";
import { StoreThreadEnded } from "./failures";

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

/** One running thread of the embedded database: calls go out with a number and come back with it. */
export interface StoreThread {
  call(operation: string, sql?: string, values?: readonly unknown[]): Promise<unknown>;
  end(): Promise<void>;
}

/**
 * Starts the thread and waits until its database is open. `onEnd` is told once when it ends, for whatever reason;
 * calls that are then still open fail with StoreThreadEnded.
 */
export function startThread(data: { folder: string; template: string | undefined }, onEnd: () => void) {
  return new Promise<StoreThread>((resolve, reject) => {
    const calls = new Map<number, Call>();
    let lastId = 0;
    let words = "";
    let over: StoreThreadEnded | undefined;
    // Output is taken off the console: PostgreSQL's own words belong into the error, not between the product's lines.
    const worker = new Worker(workerFile(), { workerData: data, stdout: true, stderr: true, execArgv: [] });
    worker.stdout.resume();
    worker.stderr.on("data", (text: Buffer) => {
      words = (words + text.toString()).slice(-4000);
    });

    const thread: StoreThread = {
      call: (operation, sql, values) =>
        new Promise((done, failed) => {
          if (over) return failed(over);
          const id = ++lastId;
          calls.set(id, { resolve: done, reject: failed });
          worker.postMessage({ id, operation, sql, values });
        }),
      end: async () => {
        await worker.terminate();
      },
    };
    worker.on("message", (raw: unknown) => {
      const message = Message.parse(raw);
      if ("ready" in message) return resolve(thread);
      if ("failed" in message) {
        reject(asError(message.failed));
        void worker.terminate();
        return;
      }
      const call = calls.get(message.id);
      calls.delete(message.id);
      if (message.error) call?.reject(asError(message.error));
      else call?.resolve(message.result);
    });
    const ended = (cause: unknown): void => {
      if (over) return;
      over = new StoreThreadEnded(`The thread of the embedded database ended. ${words}`, { cause });
      for (const call of calls.values()) call.reject(over);
      calls.clear();
      reject(over);
      onEnd();
    };
    worker.on("error", ended);
    worker.on("exit", ended);
  });
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
