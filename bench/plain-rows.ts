import { z } from "zod";

/*
 * The plain way to keep log rows: objects in an array. A process of its own, so that its memory is its own; run by
 * `bench/simulator.ts` with an address that gives sample rows, and the number of rows to hold.
 */

const Row = z.object({
  timeGenerated: z.number(),
  ingestedAt: z.number(),
  values: z.record(z.string(), z.unknown()),
});
type Row = z.infer<typeof Row>;

const [, , url = "", wanted = "0"] = process.argv;
const sample = z.object({ rows: z.array(Row) }).parse(await (await fetch(url)).json()).rows;
const texts = sample.map((row) => JSON.stringify(row));

const DAY = 86_400_000;
const count = Number(wanted);
const newest = Date.now();
const rows: Row[] = [];
for (let index = 0; index < count; index++) {
  // Read from text, as rows from a journal are: every row has strings of its own.
  const row: Row = JSON.parse(texts[index % texts.length] ?? "{}");
  row.timeGenerated = newest - 30 * DAY + (30 * DAY * index) / count;
  row.values.CorrelationId = `${index}${String(row.values.CorrelationId).slice(8)}`;
  rows.push(row);
}

function timed(work: () => unknown): number {
  const times = Array.from({ length: 3 }, () => {
    const started = performance.now();
    work();
    return performance.now() - started;
  });
  return times.sort((a, b) => a - b)[1] ?? Number.NaN;
}

function counted(chosen: readonly Row[], column: string): Map<unknown, number> {
  const counts = new Map<unknown, number>();
  for (const { values } of chosen) counts.set(values[column], (counts.get(values[column]) ?? 0) + 1);
  return counts;
}

const lately = (span: number) => rows.filter(({ timeGenerated }) => timeGenerated > newest - span);
const milliseconds = {
  hour: timed(() => lately(DAY / 24).length),
  day: timed(() => counted(lately(DAY), "OperationName")),
  all: timed(() => counted(rows, "OperationName")),
  one: timed(() => rows.filter(({ values }) => String(values._ResourceId).endsWith("-nowhere")).length),
};
console.log(JSON.stringify({ rss: process.memoryUsage.rss(), milliseconds }));
