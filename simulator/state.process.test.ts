import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { State } from "./state";

interface Note {
  number: number;
  text: string;
}

const KEYS = 40;
const KILLS = 8;

let folder: string;
let children: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "compaction-"));
  children = [];
});

afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** Writes notes one by one, tells each number when it is written, and rewrites its journal of some megabytes all the time. */
const WRITER = `
  import { writeSync } from "node:fs";
  import { State } from "./simulator/state.ts";
  const state = new State();
  const notes = state.collection("notes");
  state.open(process.argv[1]);
  let number = Math.max(0, ...[...notes.values()].map((note) => note.number));
  const text = "x".repeat(100000);
  for (;;) {
    number++;
    notes.put("n" + (number % ${KEYS}), { number, text });
    state.commit();
    writeSync(1, number + "\\n");
    if (number % 5 === 0) state.compact();
  }
`;

/** Lets the writer write until it has told so many numbers more, then kills it; the last number that it told. */
async function writeUntilKilled(more: number, lingerMs: number): Promise<number> {
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", WRITER, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  let text = "";
  await new Promise<void>((resolve, reject) => {
    child.on("close", () => reject(new Error("The writer ended by itself.")));
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.split("\n").length > more) resolve();
    });
  });
  await new Promise((resolve) => setTimeout(resolve, lingerMs));
  const end = new Promise<void>((resolve) => {
    child.removeAllListeners("close");
    child.on("close", () => resolve());
  });
  child.kill("SIGKILL");
  await end;
  return Number(text.slice(0, text.lastIndexOf("\n")).split("\n").at(-1));
}

test("nothing that was told is lost when the process is killed while it rewrites its journal", async () => {
  const seen = new Set<string>();
  for (let kill = 0; kill < KILLS; kill++) {
    const told = await writeUntilKilled(3 + kill, (kill * 7) % 23);
    seen.add(readdirSync(folder).sort().join());
    const state = new State();
    const notes = state.collection<Note>("notes");
    state.open(folder);
    const numbers = [...notes.values()].map(({ number }) => number).sort((a, b) => a - b);
    const last = numbers.at(-1) ?? 0;
    expect(last).toBeGreaterThanOrEqual(told);
    expect(numbers).toEqual(
      Array.from({ length: Math.min(last, KEYS) }, (_, place) => last - Math.min(last, KEYS) + 1 + place),
    );
    state.close();
    expect(readdirSync(folder)).toEqual(["journal.jsonl"]);
  }
  // Otherwise no kill hit a rewriting, and this test has looked at nothing.
  expect([...seen].some((files) => files.includes(".draft"))).toBe(true);
  expect(readFileSync(path.join(folder, "journal.jsonl"), "utf8").split("\n").length).toBeLessThan(3 * KEYS);
});
