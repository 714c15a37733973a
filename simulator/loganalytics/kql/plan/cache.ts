import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Schema } from "../parser/protocol";
import type { Database } from "../types";
import { PLAN_VERSION, type Plan } from "./plan";

/** Plans that the folder keeps; the oldest make room at the start, and now and then. */
const MAX_FILES = 500;
const PRUNE_EVERY = 100;

/** The parser's version is part of the key: another may analyse differently. */
const PARSER_VERSION = "12.4.1";

/** The key of a plan: all that its making depends on, save the columns of called functions, which the plan names itself. */
export function planKey(text: string, schema: Schema, waived: readonly string[]): string {
  const parts = JSON.stringify([PLAN_VERSION, PARSER_VERSION, waived, schema, text]);
  return createHash("sha256").update(parts).digest("hex");
}

function prune(folder: string): void {
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const byAge = files.map((name) => ({ name, time: statSync(path.join(folder, name)).mtimeMs }));
  byAge.sort((a, b) => b.time - a.time);
  for (const { name } of byAge.slice(MAX_FILES)) rmSync(path.join(folder, name), { force: true });
}

/** Whether the functions that a plan calls still give the columns that it was made with. */
function isCurrent(plan: Plan, functions: Database["functions"]): boolean {
  return plan.calls.every((call) => {
    const columns = functions[call.name]?.schemaOf(call.arguments);
    return JSON.stringify(columns) === JSON.stringify(call.columns);
  });
}

/** Plans by key: the latest in memory, all in a folder when one is given. */
export class PlanCache {
  private readonly plans = new Map<string, Plan>();
  private written = 0;

  constructor(
    private readonly capacity: number,
    private readonly folder: string | undefined,
  ) {
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true });
    prune(folder);
  }

  /** The plan, and where it was found; undefined when there is none that still holds. */
  find(key: string, functions: Database["functions"]): { plan: Plan; from: "memory" | "folder" } | undefined {
    const known = this.plans.get(key);
    if (known && isCurrent(known, functions)) {
      this.keep(key, known);
      return { plan: known, from: "memory" };
    }
    const stored = this.read(key);
    if (!stored || !isCurrent(stored, functions)) return undefined;
    this.keep(key, stored);
    return { plan: stored, from: "folder" };
  }

  add(key: string, plan: Plan): void {
    this.keep(key, plan);
    const file = this.fileOf(key);
    if (this.folder === undefined || file === undefined) return;
    if (++this.written % PRUNE_EVERY === 0) prune(this.folder);
    // Another process may write the same plan: a rename is all or nothing.
    const draft = `${file}.${process.pid}.tmp`;
    writeFileSync(draft, JSON.stringify(plan));
    renameSync(draft, file);
  }

  private keep(key: string, plan: Plan): void {
    this.plans.delete(key);
    this.plans.set(key, plan);
    const [oldest] = this.plans.keys();
    if (this.plans.size > this.capacity && oldest !== undefined) this.plans.delete(oldest);
  }

  private fileOf(key: string): string | undefined {
    return this.folder === undefined ? undefined : path.join(this.folder, `${key}.json`);
  }

  private read(key: string): Plan | undefined {
    const file = this.fileOf(key);
    if (file === undefined || !existsSync(file)) return undefined;
    try {
      // The file is our own, found by a hash of everything it depends on; one that was cut off does not parse.
      const plan = JSON.parse(readFileSync(file, "utf8")) as Plan;
      return plan.version === PLAN_VERSION ? plan : undefined;
    } catch {
      return undefined;
    }
  }
}
