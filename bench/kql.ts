import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { z } from "zod";
import { printTable } from "./table";

const Figures = z.object({
  name: z.string(),
  milliseconds: z.number(),
  withoutIndex: z.number(),
  loop: z.number().optional(),
  rows: z.number(),
  touched: z.number(),
  scanned: z.number(),
  byLoop: z.number().optional(),
});
type Figures = z.infer<typeof Figures>;

/**
 * `npm run bench -- kql [--rows 100000] [--rounds 5] [--json]`: the KQL engine of the simulated tenant over audit rows of
 * 30 days, milliseconds per query (median of interleaved rounds, the making of the plan left out). Beside each the same
 * query without the search by time, and for some a loop written by hand over arrays.
 *
 * @returns false when a query and its loop disagree on the number of rows
 */
export async function kqlBench(args: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: {
      rows: { type: "string", default: "100000" },
      rounds: { type: "string", default: "5" },
      json: { type: "boolean" },
    },
  });
  const figures = await measured(["--rows", values.rows, "--rounds", values.rounds]);
  const number = (value: number | undefined) => (value === undefined ? "" : value.toFixed(value < 10 ? 1 : 0));
  console.log(`${values.rows} audit rows over 30 days; milliseconds, median of ${values.rounds}`);
  printTable(
    ["query", "ms", "without index", "by hand", "rows", "rows read", "of"],
    figures.map((each) => [
      each.name,
      number(each.milliseconds),
      number(each.withoutIndex),
      number(each.loop),
      String(each.rows),
      String(each.touched),
      String(each.scanned),
    ]),
  );
  const wrong = figures.filter((each) => each.byLoop !== undefined && each.byLoop !== each.rows);
  for (const each of wrong) console.error(`${each.name}: ${each.rows} rows, but the loop finds ${each.byLoop}`);
  if (values.json) console.log(JSON.stringify({ bench: "kql", rows: Number(values.rows), queries: figures }));
  return wrong.length === 0;
}

/** Runs the measuring program of the simulator, a process of its own, and reads its lines. */
async function measured(args: string[]): Promise<Figures[]> {
  const child = spawn(process.execPath, ["--import", "tsx", "simulator/loganalytics/bench/run.ts", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve, reject) => child.on("close", resolve).on("error", reject));
  const figures: Figures[] = [];
  for await (const line of createInterface({ input: child.stdout })) figures.push(Figures.parse(JSON.parse(line)));
  if ((await ended) !== 0) throw new Error("the measuring program failed");
  return figures;
}
