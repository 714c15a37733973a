import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FolderError } from "./folder";
import { type Log, State } from "./state";

interface Note {
  text: string;
}

interface Line {
  at: number;
}

/** The simplest log that there can be: rows older than ten are not kept. */
class LineLog implements Log<Line> {
  readonly rows: Line[] = [];
  private own = 0;

  constructor(private readonly added: (row: Line) => void) {}

  add(row: Line): void {
    this.rows.push(row);
    this.added(row);
  }

  load(row: Line, now: number): boolean {
    if (row.at < now - 10) return false;
    this.rows.push(row);
    return true;
  }

  settle(): void {
    this.own = this.rows.length;
  }

  get journaled(): number {
    return this.rows.length - this.own;
  }

  snapshot(now: number): Line[] {
    return this.rows.slice(this.own).filter((row) => row.at >= now - 10);
  }
}

/** A state whose world has the notes `a` and `b` and one line. */
function opened(folder: string, now = 0) {
  const state = new State();
  const notes = state.collection<Note>("notes");
  const lines = state.log("lines", (added: (row: Line) => void) => new LineLog(added));
  notes.put("a", { text: "of the world" });
  notes.put("b", { text: "of the world" });
  lines.add({ at: -1 });
  state.open(folder, () => now);
  return { state, notes, lines };
}

let folder: string;
const file = () => path.join(folder, "journal.jsonl");
const journal = () => readFileSync(file(), "utf8");

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "state-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the journal", () => {
  test("has one line per commit, with every change in it and nothing of the world", () => {
    const { state, notes, lines } = opened(folder);
    notes.put("C", { text: "mine" });
    notes.delete("a");
    lines.add({ at: 5 });
    state.commit();
    state.commit();
    expect(JSON.parse(journal())).toEqual([
      { c: "notes", k: "c", v: { text: "mine" } },
      { c: "notes", k: "a" },
      { c: "lines", v: { at: 5 } },
    ]);
    state.close();
    const again = opened(folder);
    expect([...again.notes.entries()]).toEqual([
      ["b", { text: "of the world" }],
      ["c", { text: "mine" }],
    ]);
    expect(again.lines.rows).toEqual([{ at: -1 }, { at: 5 }]);
    again.state.close();
  });

  test("reads lines of any length and script, whole", () => {
    const { state, notes } = opened(folder);
    const texts = ["ä€😀\u2028", "x".repeat(3_000_000), "", "y".repeat(1_048_575)];
    for (const [index, text] of texts.entries()) {
      notes.put(`n${index}`, { text });
      state.commit();
    }
    state.close();
    const again = opened(folder);
    for (const [index, text] of texts.entries()) expect(again.notes.get(`n${index}`)?.text === text).toBe(true);
    again.state.close();
  });

  test("is cut at a torn last line, in the middle of a character too", () => {
    const { state, notes } = opened(folder);
    notes.put("kept", { text: "€" });
    state.close();
    const whole = readFileSync(file());
    appendFileSync(file(), Buffer.from('[{"c":"notes","k":"torn","v":{"text":"€').subarray(0, -1));
    const again = opened(folder);
    expect(again.notes.get("kept")).toEqual({ text: "€" });
    expect(again.notes.get("torn")).toBeUndefined();
    expect(readFileSync(file())).toEqual(whole);
    again.state.close();
  });

  test("is refused by line when it is damaged elsewhere", () => {
    opened(folder).state.close();
    for (const line of ["[{]", "{}", '[{"k":"a"}]', "[null]"]) {
      writeFileSync(file(), `[{"c":"notes","k":"x","v":{"text":"y"}}]\n${line}\n[]\n`);
      expect(() => opened(folder)).toThrow(FolderError);
      expect(() => opened(folder)).toThrow("damaged in line 2");
    }
  });
});

describe("compaction", () => {
  const change = fc.record({
    key: fc.constantFrom("a", "b", "c", "d"),
    text: fc.option(fc.string({ maxLength: 4 }), { nil: undefined }),
    at: fc.integer({ min: 0, max: 3 }),
  });

  test("changes nothing that a later start sees, however often it happens", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), fc.array(fc.nat(29), { maxLength: 3 }), (changes, compacted) => {
        rmSync(file(), { force: true });
        const { state, notes, lines } = opened(folder);
        for (const [index, { key, text, at }] of changes.entries()) {
          if (text === undefined) notes.delete(key);
          else notes.put(key, { text });
          lines.add({ at });
          state.commit();
          if (compacted.includes(index)) state.compact();
        }
        state.close();
        const again = opened(folder);
        expect([...again.notes.entries()]).toEqual([...notes.entries()]);
        expect(again.lines.rows).toEqual(lines.rows);
        again.state.close();
      }),
      { numRuns: 60 },
    );
  });

  test("happens at the start when much of the journal is history, and drops rows that are too old", () => {
    const { state, notes, lines } = opened(folder);
    for (let i = 0; i < 300; i++) {
      notes.put("a", { text: "x".repeat(1000) });
      lines.add({ at: i < 200 ? 0 : 50 });
      state.commit();
    }
    state.close();
    const before = statSync(file()).size;
    const again = opened(folder, 60);
    expect(statSync(file()).size).toBeLessThan(before / 20);
    expect(again.lines.rows).toHaveLength(101);
    expect(readdirSync(folder)).toEqual(["journal.jsonl"]);
    again.notes.put("after", { text: "y" });
    again.state.close();
    const third = opened(folder, 60);
    expect(third.notes.get("after")).toEqual({ text: "y" });
    expect(third.lines.rows).toHaveLength(101);
    third.state.close();
  });

  test("leaves a journal alone in which everything counts", () => {
    const { state, notes } = opened(folder);
    for (let i = 0; i < 200; i++) notes.put(`n${i}`, { text: "x".repeat(1000) });
    state.commit();
    state.close();
    const { ino } = statSync(file());
    opened(folder).state.close();
    expect(statSync(file()).ino).toBe(ino);
  });

  test("happens while the tenant runs when the journal is far larger than what counts", () => {
    const { state, notes } = opened(folder);
    const text = "x".repeat(900_000);
    for (let i = 0; i < 40; i++) {
      notes.put("a", { text });
      state.commit();
      expect(statSync(file()).size).toBeLessThan(25_000_000);
    }
    state.close();
    const again = opened(folder);
    expect(again.notes.get("a")?.text).toBe(text);
    again.state.close();
  });

  test("removes the draft of one that was killed", () => {
    opened(folder).state.close();
    writeFileSync(`${file()}.draft`, "half");
    opened(folder).state.close();
    expect(readdirSync(folder)).toEqual(["journal.jsonl"]);
  });
});
