import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { readEnvironmentFiles } from "./start/environment-files";

const USAGE = `Usage: npm run play -- NAME --vault VAULT [--spread own|MILLISECONDS] [--advance] [settings of the play]
       npm run play -- --list
Where the simulated tenant answers: --port, else what runs in --data-dir (DATA_DIR, else .data), else port 4280.
--advance moves a virtual clock on until the play is over.`;

/** A wrong command line, or a tenant that says no; the message is a sentence for the person who typed it. */
class UsageError extends Error {}

const Property = z.looseObject({
  description: z.string().optional(),
  type: z.string().optional(),
  default: z.union([z.string(), z.number()]).optional(),
  enum: z.array(z.string()).optional(),
});
const Catalogue = z.looseObject({
  clock: z.object({ mode: z.enum(["real", "virtual"]), now: z.string() }),
  plays: z.array(
    z.looseObject({
      name: z.string(),
      about: z.string(),
      parameters: z.looseObject({ properties: z.record(z.string(), Property) }),
    }),
  ),
});
type PlayNote = z.infer<typeof Catalogue>["plays"][number];

const RunNote = z.looseObject({
  id: z.string(),
  state: z.enum(["running", "done", "failed"]),
  failure: z.string().optional(),
  rows: z.number(),
  steps: z.array(
    z.looseObject({
      at: z.string(),
      note: z.string(),
      actor: z.string(),
      method: z.string(),
      uri: z.string(),
      status: z.number(),
      error: z.string().optional(),
      entries: z.number().optional(),
      rows: z.array(z.looseObject({ table: z.string(), operation: z.string(), status: z.number().optional() })),
    }),
  ),
});
type RunNote = z.infer<typeof RunNote>;

const Refusal = z.object({ error: z.object({ message: z.string() }) });

/** Where the tenant answers: the flag, else the lock of the tenant in the data folder, else its own default. */
function portOf(flag: string | undefined, dataDir: string | undefined): number {
  if (flag !== undefined) {
    const port = /^\d{1,5}$/.test(flag) ? Number(flag) : 0;
    if (port < 1 || port > 65_535) throw new UsageError(`--port must be from 1 to 65535, not "${flag}".`);
    return port;
  }
  const file = path.join(path.resolve(dataDir ?? process.env.DATA_DIR ?? ".data"), "simulator", "lock.json");
  if (!existsSync(file)) return 4280;
  const note = z.object({ port: z.number() }).safeParse(JSON.parse(readFileSync(file, "utf8")));
  return note.success ? note.data.port : 4280;
}

async function ask(port: number, method: "GET" | "POST", target: string, body?: unknown): Promise<unknown> {
  let answer: Response;
  try {
    answer = await fetch(`http://127.0.0.1:${port}${target}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
  } catch {
    throw new UsageError(`No simulated tenant answers on port ${port}. Start it with npm start or npm run simulator.`);
  }
  const content: unknown = await answer.json();
  if (answer.ok) return content;
  const refusal = Refusal.safeParse(content);
  throw new UsageError(refusal.success ? refusal.data.error.message : `The tenant answered ${answer.status}.`);
}

/** The flags of the chosen play, beside those of this command. */
function readFlags(args: string[], play?: PlayNote) {
  const own = Object.keys(play?.parameters.properties ?? { vault: {}, spread: {} });
  const text = { type: "string" } as const;
  const options = {
    ...Object.fromEntries(own.map((name) => [flagOf(name), text])),
    port: text,
    "data-dir": text,
    list: { type: "boolean" } as const,
    advance: { type: "boolean" } as const,
  };
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: play !== undefined });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

const Known = z.looseObject({
  port: z.string().optional(),
  "data-dir": z.string().optional(),
  list: z.boolean().optional(),
});

/** `waitHours` -> `wait-hours` */
function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function bodyOf(play: PlayNote, values: Record<string, unknown>): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const name of Object.keys(play.parameters.properties)) {
    const value = values[flagOf(name)];
    if (typeof value !== "string") continue;
    body[name] = /^\d+(\.\d+)?$/.test(value) && name !== "vault" ? Number(value) : value;
  }
  return body;
}

function printPlays(plays: readonly PlayNote[]): void {
  for (const { name, about, parameters } of plays) {
    console.log(`${name}\n  ${about}`);
    for (const [field, { description, default: usual, enum: choices }] of Object.entries(parameters.properties)) {
      if (field === "vault" || field === "spread") continue;
      console.log(
        `  --${flagOf(field)}  ${description ?? ""} (${choices ? `${choices.join(" or ")}, ` : ""}usually ${usual})`,
      );
    }
    console.log("");
  }
}

function printSteps(run: RunNote, from: number): void {
  for (const [place, step] of run.steps.entries()) {
    if (place < from) continue;
    const rows = step.rows.map(
      ({ table, operation, status }) => `${operation}${status ? ` ${status}` : ""} in ${table}`,
    );
    const answer = step.error ?? (step.entries === undefined ? "" : `${step.entries} entries`);
    console.log(
      `${String(place + 1).padStart(4)}  ${step.at.slice(0, 19).replace("T", " ")}  ${step.note} (${step.actor})`,
    );
    console.log(`      ${step.method} ${step.uri} -> ${`${step.status} ${answer}`.trim()}`);
    console.log(`      ${rows.length > 0 ? `left ${rows.join(", ")}` : "left no row"}`);
  }
}

/** Watches a run until it is over, or until only an advance of the clock would go on with it. */
async function follow(port: number, started: RunNote, clock: "real" | "virtual", advance: boolean): Promise<RunNote> {
  let run = started;
  for (let shown = 0; ; shown = run.steps.length) {
    run = RunNote.parse(await ask(port, "GET", `/sim/plays/runs/${run.id}`));
    printSteps(run, shown);
    if (run.state !== "running" || (clock === "virtual" && !advance)) return run;
    if (clock === "virtual") await ask(port, "POST", "/sim/clock/advance", { milliseconds: 3_600_000 });
    else await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function main(args: string[]): Promise<number> {
  const first = readFlags(args);
  const flags = Known.parse(first.values);
  readEnvironmentFiles(process.cwd());
  const port = portOf(flags.port, flags["data-dir"]);
  const name = first.positionals[0];
  if (name === undefined && flags.list !== true) throw new UsageError(USAGE);
  const { clock, plays } = Catalogue.parse(await ask(port, "GET", "/sim/plays"));
  if (name === undefined) {
    printPlays(plays);
    return 0;
  }
  const play = plays.find((one) => one.name === name);
  if (!play) throw new UsageError(`There is no play ${name}. There are: ${plays.map((one) => one.name).join(", ")}.`);
  const { values } = readFlags(args, play);
  const started = RunNote.parse(await ask(port, "POST", `/sim/plays/${name}`, bodyOf(play, values)));
  const run = await follow(port, started, clock.mode, values.advance === true);
  if (run.state === "running") {
    console.log(`Run ${run.id} goes on when the virtual clock is advanced (--advance does it).`);
    return 0;
  }
  const end = run.state === "done" ? "Done" : `Ended early: ${run.failure ?? ""}`;
  console.log(`${end}: ${run.steps.length} steps, ${run.rows} rows in the log.`);
  return run.state === "done" ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof UsageError ? error.message : error);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
