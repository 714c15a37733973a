import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, vi } from "vitest";
import { KqlEngine } from "../engine";
import type { Column, Database, KqlType, Limits, Row, Table, TabularFunction, Value } from "../types";
import { parseDatetime } from "../values/time";

// The first query without a kept plan waits for the parser, which takes seconds to load on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** The clock of all tests. */
export const NOW = Date.parse("2026-09-15T12:00:00Z");

/** A datetime of the engine from ISO text. */
export function at(text: string): number {
  const value = parseDatetime(text);
  if (value === null) throw new Error(`'${text}' is not a date`);
  return value;
}

/**
 * Plans are kept between test runs under a hash of the code that makes them: most tests then never load the parser,
 * which takes seconds, and no test ever sees a plan of older code.
 */
function planFolder(): string {
  const here = path.join(import.meta.dirname, "..");
  const hash = createHash("sha256");
  for (const folder of ["parser", "plan"]) {
    for (const name of readdirSync(path.join(here, folder)).sort()) {
      if (!name.endsWith(".test.ts")) hash.update(readFileSync(path.join(here, folder, name)));
    }
  }
  return path.join(process.cwd(), "node_modules/.cache/kql-test-plans", hash.digest("hex").slice(0, 16));
}

export const engine = new KqlEngine({ planFolder: planFolder() });

/** `"name:type name:type"` -> columns. */
export function columnsOf(text: string): Column[] {
  return text.split(/\s+/).map((part) => {
    const [name = "", type = "string"] = part.split(":");
    // Written by the tests themselves; a wrong type fails in the parser.
    return { name, type: type as KqlType };
  });
}

export function table(name: string, columns: string, rows: readonly Row[], more: Partial<Table> = {}): Table {
  return { name, columns: columnsOf(columns), rows, ...more };
}

export function database(tables: readonly Table[], functions: Record<string, TabularFunction> = {}): Database {
  return {
    table: (name) => tables.find((each) => each.name === name),
    tableNames: () => tables.map((each) => each.name),
    schemaOf: (name) => tables.find((each) => each.name === name)?.columns,
    functions,
  };
}

function differencesOf(announced: readonly Column[], given: readonly Column[]): string[] {
  const length = Math.max(announced.length, given.length);
  const show = (column: Column | undefined) => (column ? `${column.name}:${column.type}` : "nothing");
  return Array.from({ length }, (_, index) => [show(announced[index]), show(given[index])])
    .filter(([wanted, found]) => wanted !== found)
    .map(([wanted, found]) => `${wanted} (engine: ${found})`);
}

/** Runs a query; its columns must be those that Microsoft's parser announces, names and types. */
export async function ask(text: string, from: Database = database([]), limits: Partial<Limits> = {}) {
  const { plan } = await engine.compile(text, from);
  const result = await engine.query(text, from, { now: NOW, limits });
  const differing = plan.columns && differencesOf(plan.columns, result.columns);
  if (differing?.length) throw new Error(`the parser announces other columns: ${differing.join(", ")}`);
  return result;
}

export async function rowsOf(text: string, from?: Database): Promise<readonly Row[]> {
  return (await ask(text, from)).rows;
}

/** The values of one row as `print` gives them. */
export async function printed(expressions: string): Promise<Row> {
  return (await rowsOf(`print ${expressions}`))[0] ?? [];
}

/** Checks many expressions with one query: expression -> value. */
export async function expectValues(cases: Record<string, Value>): Promise<void> {
  const texts = Object.keys(cases);
  const values = await printed(texts.map((text, index) => `v${index}=(${text})`).join(", "));
  expect(Object.fromEntries(texts.map((text, index) => [text, values[index] ?? null]))).toEqual(cases);
}
