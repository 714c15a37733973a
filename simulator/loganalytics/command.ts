import { existsSync } from "node:fs";
import { loadEnvFile } from "node:process";
import { parseArgs } from "node:util";
import { FolderError } from "../folder";
import { AzureError } from "../http";
import { OptionError, parseOptions } from "../options";
import { KqlError } from "./kql/errors";
import type { QueryAnswer } from "./query-answer";
import { askTenant, runningTenant } from "./running-tenant";

const USAGE = `Usage: npm run kql -- 'QUERY' [--port N] [--data-dir FOLDER] [--vaults 240] [--seed 1] [--timespan PT24H] [--json]
Asks the simulated tenant that runs: on --port, else that of --data-dir (DATA_DIR, else .data), else on port 4280.
Where none runs, or --vaults or --seed is given, it starts one for this query: that of --data-dir, else a fresh one that is
not kept.
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
  try {
    process.stdout.write(shown(await answer(values, query), values.json ?? false));
    return 0;
  } catch (error) {
    if (error instanceof KqlError) process.stderr.write(`${error.code}: ${error.message}${placeOf(error, query)}\n`);
    else if (error instanceof AzureError) process.stderr.write(`${error.message}\n`);
    else throw error;
    return error instanceof KqlError ? 1 : 2;
  }
}

type Arguments = ReturnType<typeof readArguments>["values"];

function readArguments(args: string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { port: text, "data-dir": text, vaults: text, seed: text, timespan: text, json: { type: "boolean" } },
    });
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error));
  }
}

async function answer(values: Arguments, query: string): Promise<QueryAnswer> {
  const wish = { query, ...(values.timespan !== undefined && { timespan: values.timespan }) };
  const ownSize = values.vaults !== undefined || values.seed !== undefined;
  if (ownSize && values.port !== undefined)
    throw new OptionError("--vaults and --seed start a tenant; --port asks one.");
  const port = ownSize ? undefined : await runningTenant(values.port, dataDirOf(values));
  return port === undefined ? answerBySelf(values, wish) : askTenant(port, wish);
}

/** As the product finds it: the flag, the environment, the files that Next reads, `.data`. */
function dataDirOf(values: Arguments): string {
  for (const file of [".env.local", ".env"]) if (existsSync(file)) loadEnvFile(file);
  return values["data-dir"] ?? process.env.DATA_DIR ?? ".data";
}

/** Starts a tenant for one query; it listens on any free port, for nobody. */
async function answerBySelf(values: Arguments, wish: { query: string }): Promise<QueryAnswer> {
  const flags = (["data-dir", "vaults", "seed"] as const).flatMap((name) => {
    const value = values[name];
    return value === undefined ? [] : [`--${name}`, value];
  });
  const { settings } = parseOptions(["--port", "0", ...flags]);
  const whose = settings.dataDir === undefined ? "a fresh one, which is not kept" : `that of ${settings.dataDir}`;
  process.stderr.write(`No running simulated tenant was asked; this is ${whose}.\n`);
  // Loaded only here: a tenant that runs is asked in a fraction of the time.
  const { answerOnce } = await import("./own-tenant");
  return answerOnce(settings, wish);
}

/** Line and column of a refusal, counted from 1. */
function placeOf(error: KqlError, query: string): string {
  if (error.position === undefined) return "";
  const before = query.slice(0, error.position).split("\n");
  return ` (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`;
}

function shown({ columns, rows, stats }: QueryAnswer, json: boolean): string {
  if (json) {
    const named = rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at] ?? null])));
    return `${JSON.stringify(named, null, 2)}\n`;
  }
  const texts = rows.map((row) => row.map((cell) => cellText(cell)));
  const figures = `${rows.length} rows, ${stats.rowsTouched} looked at, ${Math.round(stats.runMilliseconds)} ms`;
  const { approximate } = stats;
  const note = approximate.length > 0 ? `Approximate here: ${approximate.join(", ")}\n` : "";
  return `${aligned([columns, ...texts])}${figures}\n${note}`;
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
