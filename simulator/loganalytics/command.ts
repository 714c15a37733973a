import { parseArgs } from "node:util";
import { FolderError } from "../folder";
import { AzureError } from "../http";
import { OptionError, parseOptions } from "../options";
import { allServices } from "../services";
import { type RunningTenant, startTenant } from "../tenant";
import { databaseOf } from "./database";
import { KqlError } from "./kql/errors";
import type { ResultTable } from "./kql/types";
import { wireValue } from "./kql/values/text";
import { sharedEngine } from "./shared-engine";
import { parseTimespan } from "./timespan";
import { watchedWorkspace } from "./workspace";

const USAGE = `Usage: npm run kql -- 'QUERY' [--data-dir FOLDER] [--vaults 240] [--seed 1] [--timespan PT24H] [--json]
Runs one query against the simulated workspace: that of the folder, or of a fresh tenant that is not kept.
For example: npm run kql -- 'AzureDiagnostics | where TimeGenerated > ago(1d) | summarize count() by OperationName'
`;

/** Widest cell that the table shows; `--json` shows all. */
const CELL_MAX = 80;

/** Exit codes: 0 = answered, 1 = the query was refused or failed, 2 = wrong use. */
async function main(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args);
  const [query, ...more] = positionals;
  if (query === undefined || query.trim() === "" || more.length > 0) {
    process.stderr.write(USAGE);
    return 2;
  }
  const tenant = await startTenant({
    settings: settingsOf(values),
    services: allServices,
    onFault: (error) => process.stderr.write(`${String(error)}\n`),
  });
  try {
    process.stdout.write(shown(await answer(tenant, query, values.timespan), values.json ?? false));
    return 0;
  } catch (error) {
    if (error instanceof KqlError) process.stderr.write(`${error.code}: ${error.message}${placeOf(error, query)}\n`);
    else if (error instanceof AzureError) process.stderr.write(`${error.message}\n`);
    else throw error;
    return error instanceof KqlError ? 1 : 2;
  } finally {
    await sharedEngine(tenant.context).close();
    await tenant.stop();
  }
}

function readArguments(args: string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { "data-dir": text, vaults: text, seed: text, timespan: text, json: { type: "boolean" } },
    });
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error));
  }
}

/** The tenant's own options, read by its own rules; it listens on any free port, for nobody. */
function settingsOf(values: ReturnType<typeof readArguments>["values"]) {
  const flags = (["data-dir", "vaults", "seed"] as const).flatMap((name) => {
    const value = values[name];
    return value === undefined ? [] : [`--${name}`, value];
  });
  return parseOptions(["--port", "0", ...flags]).settings;
}

async function answer({ context }: RunningTenant, query: string, timespan: string | undefined): Promise<ResultTable> {
  const workspace = watchedWorkspace(context);
  if (!workspace) throw new KqlError("EvaluationFailed", "this tenant has no workspace");
  const now = context.now();
  return sharedEngine(context).query(query, databaseOf(context, workspace), {
    now,
    ...(timespan !== undefined && { timespan: parseTimespan(timespan, now) }),
  });
}

/** Line and column of a refusal, counted from 1. */
function placeOf(error: KqlError, query: string): string {
  if (error.position === undefined) return "";
  const before = query.slice(0, error.position).split("\n");
  return ` (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`;
}

function shown({ columns, rows, stats }: ResultTable, json: boolean): string {
  const cells = rows.map((row) => columns.map(({ type }, at) => wireValue(row[at] ?? null, type, "json")));
  if (json) {
    const named = cells.map((row) => Object.fromEntries(columns.map(({ name }, at) => [name, row[at] ?? null])));
    return `${JSON.stringify(named, null, 2)}\n`;
  }
  const texts = cells.map((row) => row.map((cell) => cellText(cell)));
  const figures = `${rows.length} rows, ${stats.rowsTouched} looked at, ${Math.round(stats.runMilliseconds)} ms`;
  const { approximate } = stats;
  const note = approximate.length > 0 ? `Approximate here: ${approximate.join(", ")}\n` : "";
  return `${aligned([columns.map((column) => column.name), ...texts])}${figures}\n${note}`;
}

function cellText(cell: unknown): string {
  const text = typeof cell === "string" ? cell : cell === null ? "" : JSON.stringify(cell);
  const line = text.replace(/\s+/g, " ");
  return line.length > CELL_MAX ? `${line.slice(0, CELL_MAX - 3)}...` : line;
}

/** Lines of equal columns; the first is the head. */
function aligned(lines: readonly string[][]): string {
  const [head = []] = lines;
  const widths = head.map((_, at) => lines.reduce((most, line) => Math.max(most, line[at]?.length ?? 0), 0));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd();
  const [first = "", ...rest] = lines.map(line);
  return `${[first, widths.map((width) => "-".repeat(width)).join("  "), ...rest].join("\n")}\n`;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const known = error instanceof OptionError || error instanceof FolderError;
    process.stderr.write(`${known ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
    process.exitCode = known ? 2 : 1;
  },
);
