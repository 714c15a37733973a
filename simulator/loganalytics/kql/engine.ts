import { KqlError } from "./errors";
import type { Database, QueryOptions, ResultTable } from "./types";

export interface EngineOptions {
  /** Folder for plans, so that a restart need not load the parser. It is created when absent; none = memory only. */
  planFolder?: string;
  /** Plans kept in memory. */
  cachedPlans?: number;
  /** Diagnostics of the parser to let pass, where it is stricter than the service. */
  waivedDiagnostics?: readonly string[];
}

/**
 * Answers KQL over in-memory tables. One engine serves many databases; plans are cached by text and schema.
 * The parser lives in a worker thread that starts with the first query whose plan is not cached, or with `warm()`.
 */
export class KqlEngine {
  constructor(readonly options: EngineOptions = {}) {}

  /**
   * Evaluates `text` against `database`.
   * @throws KqlError with the parser's code and position, `NotSupported` naming the operator or function, or a budget's name.
   */
  async query(text: string, database: Database, options: QueryOptions): Promise<ResultTable> {
    throw new KqlError("NotSupported", `not supported yet: ${text.length} ${database.tableNames().length} ${options.now}`);
  }

  /** Starts the parser, so that the first query does not wait for it (1-4 s). */
  async warm(): Promise<void> {}

  /** Stops the parser's thread. The engine may be used again afterwards. */
  async close(): Promise<void> {}
}
