import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { KqlError } from "../errors";
import type { Plan } from "../plan/plan";
import type { Database } from "../types";
import type { CallSchema, ParseReply, ParseRequest, Schema } from "./protocol";

/** Milliseconds that one text may occupy the parser before it is stopped. The first also waits for it to load. */
const PARSE_MAX = 90_000;
/** A stack for deeply nested texts, and a heap that a hostile one cannot take from the process. */
const RESOURCES = { stackSizeMb: 32, maxOldGenerationSizeMb: 1024 };
/** Characters of a query; the parser's time grows with them. */
const TEXT_MAX = 1_000_000;

/** Arguments that depend on earlier calls are found out one after another; more rounds than this is a fault. */
const MAX_ROUNDS = 8;

/**
 * Where the worker's code is. From source it stands in this folder; `esbuild` bundles `parser/worker.ts` (format esm,
 * platform node) to `kql-parser-worker.mjs` in the same folder as the bundle that holds this file.
 */
function workerFile(): URL {
  const bundled = new URL("./kql-parser-worker.mjs", import.meta.url);
  return existsSync(bundled) ? bundled : new URL("./worker-source.cjs", import.meta.url);
}

/** Talks to the parser, which lives in a thread of its own because it takes seconds to load. */
export class ParserClient {
  private worker: Worker | undefined;
  private nextId = 1;
  private readonly waiting = new Map<
    number,
    { resolve: (reply: ParseReply) => void; reject: (error: Error) => void }
  >();

  constructor(private readonly waived: readonly string[]) {}

  /** Loads the parser and its first-use tables, so that the first query does not wait for them. */
  async warm(): Promise<void> {
    const prologue = { parameters: [], length: 0 };
    await this.send("print 1 | where 1 == 2", prologue, { tables: [], functions: [] }, []);
  }

  /**
   * Parses, checks and lowers a query.
   * @throws KqlError with the first diagnostic, or what is not supported.
   */
  async plan(
    text: string,
    prologue: ParseRequest["prologue"],
    schema: Schema,
    functions: Database["functions"],
  ): Promise<Plan> {
    if (text.length > TEXT_MAX) {
      throw new KqlError("QueryTooComplex", `the query is longer than ${TEXT_MAX} characters`, 0);
    }
    const calls: CallSchema[] = [];
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const reply = await this.send(text, prologue, schema, calls);
      if ("plan" in reply) return reply.plan;
      if ("diagnostics" in reply) {
        const [first] = reply.diagnostics;
        // The code is the parser's: always KS and digits.
        const code = (first?.code ?? "KS000") as `KS${string}`;
        throw new KqlError(code, reply.diagnostics.map((each) => each.message).join(" "), first?.position);
      }
      if ("refused" in reply) throw new KqlError(reply.refused.code, reply.refused.message, reply.refused.position);
      if ("failed" in reply) throw new KqlError("ParserFailed", reply.failed);
      for (const need of reply.needs) {
        const columns = functions[need.name]?.schemaOf(need.arguments) ?? [];
        calls.push({ name: need.name, arguments: need.arguments, columns });
      }
    }
    throw new KqlError("ParserFailed", "the columns of the query's functions could not be settled");
  }

  /** Stops the thread; queries that wait for it fail. The next query starts it again. */
  async close(): Promise<void> {
    const { worker } = this;
    this.worker = undefined;
    this.fail(new KqlError("ParserFailed", "the parser was stopped"));
    await worker?.terminate();
  }

  private send(
    text: string,
    prologue: ParseRequest["prologue"],
    schema: Schema,
    calls: CallSchema[],
  ): Promise<ParseReply> {
    const worker = this.start();
    const request: ParseRequest = { id: this.nextId++, text, prologue, schema, calls, waived: this.waived };
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.abandon(worker), PARSE_MAX);
      const settled = <T>(settle: (value: T) => void) => {
        return (value: T) => {
          clearTimeout(timer);
          settle(value);
        };
      };
      this.waiting.set(request.id, { resolve: settled(resolve), reject: settled(reject) });
      // An idle parser must not keep the process alive; a busy one must.
      worker.ref();
      worker.postMessage(request);
    });
  }

  /** Stops a parser that does not come to an end; what waits for it fails, and the next query starts another. */
  private abandon(worker: Worker): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    this.fail(new KqlError("TimeLimitExceeded", `the query could not be read in ${PARSE_MAX} ms`));
    void worker.terminate();
  }

  private start(): Worker {
    if (this.worker) return this.worker;
    const worker = new Worker(workerFile(), { execArgv: [], name: "kql-parser", resourceLimits: RESOURCES });
    worker.on("message", (reply: ParseReply) => {
      const waiter = this.waiting.get(reply.id);
      this.waiting.delete(reply.id);
      if (this.waiting.size === 0) worker.unref();
      waiter?.resolve(reply);
    });
    const lost = (reason: string) => {
      if (this.worker !== worker) return;
      this.worker = undefined;
      this.fail(new KqlError("ParserFailed", reason));
    };
    worker.on("error", (error) => lost(error instanceof Error ? error.message : String(error)));
    worker.on("exit", (code) => lost(`the parser stopped with code ${code}`));
    this.worker = worker;
    return worker;
  }

  private fail(error: KqlError): void {
    for (const waiter of this.waiting.values()) waiter.reject(error);
    this.waiting.clear();
  }
}
