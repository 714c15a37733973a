import { KqlError } from "./errors";
import { ParserClient } from "./parser/client";
import type { Schema } from "./parser/protocol";
import { PlanCache, planKey } from "./plan/cache";
import { approximateFunctions, checkPlan } from "./plan/check";
import { type Prologue, splitPrologue } from "./plan/parameters";
import type { Plan } from "./plan/plan";
import { Execution } from "./run/execution";
import { runPipeline } from "./run/pipeline";
import { atOnce, type Slices, withPauses } from "./run/slices";
import type { Database, QueryOptions, ResultTable, Table } from "./types";

/*
 * How a query becomes an answer:
 *   parser/   text -> syntax tree, by Microsoft's parser in a thread of its own (worker.ts is its entry)
 *   plan/     syntax tree -> plan (JSON), cached; check.ts refuses what the engine lacks
 *   run/      plan -> rows: pipeline.ts names the operators, functions/ and aggregates/ hold a table each per topic
 *   values/   what cells are: dates, text, JSON, comparison, regular expressions
 *
 * A new scalar function goes into a table of run/functions, an aggregate into one of run/aggregates and into names.ts.
 * A new operator takes a step in plan/plan.ts, its lowering in plan/lower-step.ts, its expressions in plan/check.ts, its
 * work in run/operators and a line in run/pipeline.ts. Raise PLAN_VERSION when the plan of an old text changes.
 */

export interface EngineOptions {
  /** Folder for plans, so that a restart need not load the parser. It is created when absent; none = memory only. */
  planFolder?: string;
  /** Plans kept in memory; 500 when not given. */
  cachedPlans?: number;
  /** Diagnostics of the parser to let pass, where it is stricter than the service. */
  waivedDiagnostics?: readonly string[];
}

/** Known to be stricter than the service: KS234 refuses `array_split` with a computed length, which published rules use. */
const DEFAULT_WAIVED: readonly string[] = ["KS234"];

/** A query made ready: what it means, how that was come by, and the values that it states at its head. */
export interface CompiledQuery {
  plan: Plan;
  from: ResultTable["stats"]["plan"];
  prologue: Prologue;
}

/**
 * Answers KQL over in-memory tables. One engine serves many databases; plans are cached by text and schema.
 * The parser lives in a worker thread that starts with the first query whose plan is not cached, or with `warm()`.
 */
export class KqlEngine {
  private readonly waived: readonly string[];
  private readonly parser: ParserClient;
  private readonly cache: PlanCache;

  constructor(options: EngineOptions = {}) {
    this.waived = options.waivedDiagnostics ?? DEFAULT_WAIVED;
    this.parser = new ParserClient(this.waived);
    this.cache = new PlanCache(options.cachedPlans ?? 500, options.planFolder);
  }

  /**
   * Checks `text` against the schema of `database` and makes it ready; `query` does so by itself.
   * @throws KqlError with the parser's code and position, or `NotSupported` naming the operator or function.
   */
  async compile(text: string, database: Database): Promise<CompiledQuery> {
    const schema = schemaOf(database);
    const prologue = splitPrologue(text);
    // Plans are kept by the shape of the text, those that depend on a value of the prologue by the text itself.
    const shapeKey = planKey(`shape ${prologue.shape}`, schema, this.waived);
    const textKey = planKey(`text ${text}`, schema, this.waived);
    const found = this.cache.find(shapeKey, database.functions) ?? this.cache.find(textKey, database.functions);
    if (found) return { ...found, prologue };
    const plan = await this.parser.plan(text, prologue, schema, database.functions);
    checkPlan(plan);
    this.cache.add(plan.pinned.length > 0 ? textKey : shapeKey, plan);
    return { plan, from: "parser", prologue };
  }

  /**
   * Evaluates `text` against `database`, with pauses in which the thread is free for others.
   * @throws KqlError with the parser's code and position, `NotSupported` naming the operator or function, or a budget's name.
   */
  async query(text: string, database: Database, options: QueryOptions): Promise<ResultTable> {
    const started = performance.now();
    const compiled = await this.compile(text, database);
    const planMilliseconds = performance.now() - started;
    const { stats, ...result } = await this.evaluateWithPauses(compiled, database, options);
    return { ...result, stats: { ...stats, planMilliseconds } };
  }

  /**
   * Evaluates what `compile` gave, with the same schema, without a pause.
   * @throws KqlError as `query` does.
   */
  evaluate(compiled: CompiledQuery, database: Database, options: QueryOptions): ResultTable {
    return atOnce(this.evaluation(compiled, begin(compiled, database, options)));
  }

  /**
   * Evaluates what `compile` gave, with the same schema. The rows are those that each table has when the query first
   * reads it, whatever is written during the pauses.
   * @throws KqlError as `query` does.
   */
  evaluateWithPauses(compiled: CompiledQuery, database: Database, options: QueryOptions): Promise<ResultTable> {
    const execution = begin(compiled, held(database), options);
    return withPauses(this.evaluation(compiled, execution), () => execution.budget.resume());
  }

  private *evaluation({ plan, from, prologue }: CompiledQuery, execution: Execution): Slices<ResultTable> {
    const started = performance.now();
    const { columns, rows } = yield* run(plan, execution, prologue.length - plan.prologueLength);
    const runMilliseconds = performance.now() - started;
    return {
      columns,
      rows,
      stats: {
        rowsTouched: execution.rowsTouched,
        approximate: approximateIn(plan),
        plan: from,
        planMilliseconds: 0,
        runMilliseconds,
      },
    };
  }

  /** Starts the parser, so that the first query does not wait for it (1-4 s). */
  async warm(): Promise<void> {
    await this.parser.warm();
  }

  /** Stops the parser's thread. The engine may be used again afterwards. */
  async close(): Promise<void> {
    await this.parser.close();
  }
}

function begin({ plan, prologue }: CompiledQuery, database: Database, options: QueryOptions): Execution {
  const parameters = new Map(prologue.parameters.map((each) => [each.name, each.value]));
  return new Execution(plan, database, parameters, options, runPipeline);
}

/** The same database, each of whose tables stays what it was when it was first asked for. */
function held(database: Database): Database {
  const tables = new Map<string, Table | undefined>();
  return {
    ...database,
    table: (name) => {
      if (!tables.has(name)) tables.set(name, database.table(name));
      return tables.get(name);
    },
  };
}

const approximate = new WeakMap<Plan, readonly string[]>();

function approximateIn(plan: Plan): readonly string[] {
  const known = approximate.get(plan) ?? approximateFunctions(plan);
  approximate.set(plan, known);
  return known;
}

/** Runs a plan. `shift` is by how much positions differ from those of the text that the plan was made of. */
function* run(plan: Plan, execution: Execution, shift: number): Slices<Pick<ResultTable, "columns" | "rows">> {
  try {
    const result = yield* runPipeline(plan.main, execution);
    execution.touch(result);
    // Rows of a source that no operator asked for are made here.
    return { columns: result.columns, rows: result.rows };
  } catch (error) {
    // A text or a stack beyond what JavaScript holds is the query's doing, not a fault of the engine.
    if (error instanceof RangeError)
      throw new KqlError("MemoryLimitExceeded", `a value is too large: ${error.message}`);
    if (shift !== 0 && error instanceof KqlError && error.position !== undefined) {
      throw new KqlError(error.code, error.message, error.position + shift);
    }
    throw error;
  }
}

function schemaOf(database: Database): Schema {
  return {
    tables: [...database.tableNames()].sort().map((name) => ({ name, columns: database.schemaOf(name) ?? [] })),
    functions: Object.entries(database.functions).map(([name, { parameters }]) => ({
      name,
      parameters: parameters.map((parameter) => ({
        name: parameter.name,
        type: parameter.type,
        optional: parameter.optional ?? false,
      })),
    })),
  };
}
