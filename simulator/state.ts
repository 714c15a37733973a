import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from "node:fs";
import path from "node:path";

type Change = { c: string; k: string; v?: unknown };

/**
 * The documents of the simulated tenant. The world is a function of its seed; every later change is one line in a
 * journal that is written before the answer leaves, so `kill -9` loses nothing that a caller was told.
 *
 * Handlers change documents synchronously and call nothing that waits in between, so one request is one journal line.
 */
export class State {
  private readonly collections = new Map<string, Collection<unknown>>();
  private pending: Change[] = [];
  private journal: number | undefined;
  private recording = false;

  /** The collection of that name, made at first use. Documents are plain JSON. */
  collection<T>(name: string): Collection<T> {
    let found = this.collections.get(name);
    if (!found) {
      found = new Collection<unknown>((key, value) => this.changed(name, key, value));
      this.collections.set(name, found);
    }
    // One name is only ever opened with one document type: `model.ts` is the single place that does it.
    return found as Collection<T>;
  }

  /** Replays the journal over the generated world and opens it for appending. A torn last line is cut off. */
  open(folder: string): void {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = path.join(folder, "journal.jsonl");
    if (existsSync(file)) this.replay(file);
    else appendFileSync(file, "", { mode: 0o600 });
    this.journal = openSync(file, "a");
    this.recording = true;
  }

  /** Writes what the current request changed. Called before each answer. */
  commit(): void {
    if (this.pending.length === 0) return;
    const line = `${JSON.stringify(this.pending)}\n`;
    this.pending = [];
    if (this.journal !== undefined) writeSync(this.journal, line);
  }

  close(): void {
    this.commit();
    if (this.journal !== undefined) closeSync(this.journal);
    this.journal = undefined;
  }

  private changed(name: string, key: string, value: unknown): void {
    if (this.recording) this.pending.push(value === undefined ? { c: name, k: key } : { c: name, k: key, v: value });
  }

  private replay(file: string): void {
    const text = readFileSync(file, "utf8");
    const whole = text.lastIndexOf("\n") + 1;
    if (whole < text.length) truncateSync(file, Buffer.byteLength(text.slice(0, whole)));
    for (const line of text.slice(0, whole).split("\n")) {
      if (line === "") continue;
      for (const change of JSON.parse(line) as Change[]) {
        const target = this.collection(change.c);
        if (change.v === undefined) target.delete(change.k);
        else target.put(change.k, change.v);
      }
    }
  }
}

/** A map of documents by lower-case key that remembers what changed. Replace documents, never change them in place. */
export class Collection<T> {
  private readonly documents = new Map<string, T>();
  private groups: { version: number; keyOf: (document: T) => string; byKey: Map<string, T[]> } | undefined;
  private writes = 0;

  constructor(private readonly changed: (key: string, value: T | undefined) => void) {}

  get(key: string): T | undefined {
    return this.documents.get(key.toLowerCase());
  }

  put(key: string, value: T): void {
    const lower = key.toLowerCase();
    this.documents.set(lower, value);
    this.writes++;
    this.changed(lower, value);
  }

  delete(key: string): boolean {
    const lower = key.toLowerCase();
    const had = this.documents.delete(lower);
    if (had) {
      this.writes++;
      this.changed(lower, undefined);
    }
    return had;
  }

  /** Grows with every change, so that what is derived from the documents can be kept until they change. */
  get version(): number {
    return this.writes;
  }

  /**
   * The documents by a key of theirs. Grouped once per state of the collection and `keyOf` (pass the same function):
   * a fleet of thousands of vaults is asked vault by vault between two writes.
   */
  groupedBy(keyOf: (document: T) => string): ReadonlyMap<string, readonly T[]> {
    if (this.groups?.version !== this.version || this.groups.keyOf !== keyOf) {
      const byKey = new Map<string, T[]>();
      for (const document of this.documents.values()) {
        const group = byKey.get(keyOf(document));
        if (group) group.push(document);
        else byKey.set(keyOf(document), [document]);
      }
      this.groups = { version: this.version, keyOf, byKey };
    }
    return this.groups.byKey;
  }

  values(): IterableIterator<T> {
    return this.documents.values();
  }

  entries(): IterableIterator<[string, T]> {
    return this.documents.entries();
  }

  get size(): number {
    return this.documents.size;
  }
}
