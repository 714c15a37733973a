import { parseArgs } from "node:util";
import type { LogTable } from "../../model";
import { LOG_TABLES, TABLE_COLUMNS } from "../columns";
import { KqlEngine } from "../kql/engine";
import type { Database, Row, Table, Value } from "../kql/types";
import { DAY, fromMilliseconds } from "../kql/values/time";
import type { LogStore } from "../log-store";
import { LOOPS } from "./loops";
import { QUERIES } from "./queries";
import { auditStore, decoys, NOW, sideStores } from "./rows";

/*
 * Measures the engine over audit rows in the workspace's own store, and writes one line of JSON per query. Started by
 * `npm run bench -- kql`, which makes a table of them.
 */

const SPAN = { ingestedAfter: Number.NEGATIVE_INFINITY, ingestedUntil: NOW, since: Number.NEGATIVE_INFINITY };

function databaseOf(stores: ReadonlyMap<LogTable, LogStore>, indexed: boolean): Database {
  const tableOf = (name: string): Table | undefined => {
    const known = LOG_TABLES.find((each) => each === name);
    const store = known && stores.get(known);
    if (!store) return undefined;
    const table = store.table("00000000-0000-4000-8000-000000000000", SPAN);
    if (indexed) return table;
    const { name: own, columns, rows, ingestedAt } = table;
    return { name: own, columns, rows, ...(ingestedAt && { ingestedAt }) };
  };
  return {
    table: tableOf,
    tableNames: () => LOG_TABLES,
    schemaOf: (name) => {
      const known = LOG_TABLES.find((each) => each === name);
      return known && TABLE_COLUMNS[known];
    },
    functions: {
      _GetWatchlist: {
        parameters: [{ name: "watchlistAlias", type: "string" }],
        schemaOf: () => [
          { name: "TokenKey", type: "string" },
          { name: "State", type: "string" },
        ],
        call: () => ({
          name: "HoneyTokens",
          columns: [
            { name: "TokenKey", type: "string" },
            { name: "State", type: "string" },
          ],
          rows: decoys().map(({ vault, kind, name }) => [`${vault}/${kind}/${name}`, "live"]),
        }),
      },
    },
  };
}

/** All rows of a table as arrays, as a program without an engine would hold them. */
function arraysOf({ columns, rows }: Table): Row[] {
  if (Array.isArray(rows)) return [...rows];
  const source = "column" in rows ? rows : undefined;
  if (!source) return [];
  const readers = columns.map((_, position) => source.column(position));
  return Array.from({ length: source.length }, (_, row): Value[] => readers.map((read) => read(row)));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function measure(rows: number, rounds: number): Promise<void> {
  const stores = new Map(sideStores());
  stores.set("AzureDiagnostics", auditStore("AzureDiagnostics", rows));
  stores.set("AZKVAuditLogs", auditStore("AZKVAuditLogs", Math.ceil(rows / 50)));
  const [indexed, scanned] = [databaseOf(stores, true), databaseOf(stores, false)];
  const engine = new KqlEngine();
  await engine.warm();
  const table = indexed.table("AzureDiagnostics");
  const arrays = table ? arraysOf(table) : [];
  const since = fromMilliseconds(NOW) - DAY;
  for (const { name, text, loop } of QUERIES) {
    const compiled = await engine.compile(text, indexed);
    const ours: number[] = [];
    const scans: number[] = [];
    const loops: number[] = [];
    let outcome = {};
    // Interleaved, so that a busy moment of the machine does not fall on one of them.
    for (let round = 0; round < rounds; round++) {
      const answer = engine.evaluate(compiled, indexed, { now: NOW });
      const plain = engine.evaluate(compiled, scanned, { now: NOW });
      ours.push(answer.stats.runMilliseconds);
      scans.push(plain.stats.runMilliseconds);
      const started = performance.now();
      const byLoop = loop && LOOPS[loop](arrays, since);
      if (loop) loops.push(performance.now() - started);
      outcome = {
        rows: answer.rows.length,
        touched: answer.stats.rowsTouched,
        scanned: plain.stats.rowsTouched,
        byLoop,
      };
    }
    const figures = { milliseconds: median(ours), withoutIndex: median(scans), loop: loop && median(loops) };
    process.stdout.write(`${JSON.stringify({ name, ...figures, ...outcome })}\n`);
  }
  await engine.close();
}

const { values } = parseArgs({
  options: { rows: { type: "string", default: "100000" }, rounds: { type: "string", default: "5" } },
});
measure(Number(values.rows), Number(values.rounds)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
