import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { Collection } from "./collection";
import { FolderError } from "./folder";
import { JournalFile, readLines } from "./journal";

export type { Collection };

/** One change: a document under its key (absent = deleted), or a row of a log, which has no key. */
type Change = { c: string; k?: string; v?: unknown };

/** Rows that are only ever added, in a form that is the log's own business. */
export interface Log<T> {
  /** Takes a row that was journaled; false when it is too old to be kept at `now` (milliseconds). */
  load(row: T, now: number): boolean;
  /** From here on rows are journaled: what there is belongs to the world. */
  settle(): void;
  /** Number of journaled rows. */
  readonly journaled: number;
  /** The journaled rows that are kept at `now`, in the order in which they came. */
  snapshot(now: number): Iterable<T>;
}

/** What the journal holds of one collection, to tell how much of it is history. */
interface Share {
  changes: number;
  bytes: number;
}

const CHANGES_PER_LINE = 100;
/** History that is not worth the rewriting, bytes: at the start, and while callers wait. */
const IDLE_HISTORY = 64 * 1024;
const BUSY_HISTORY = 16 * 1024 * 1024;
/** A state that is asked for after so many bytes more whether the journal has become far larger than it. */
const CHECK_EVERY = 1024 * 1024;

/**
 * The documents of the simulated tenant. The world is a function of its seed; every later change is one line in a
 * journal that is written before the answer leaves, so `kill -9` loses nothing that a caller was told. The journal is
 * rewritten as the changes that still count, at the start and whenever most of it is history.
 *
 * Handlers change documents synchronously and call nothing that waits in between, so one request is one journal line.
 */
export class State {
  private readonly collections = new Map<string, Collection<unknown>>();
  private readonly logs = new Map<string, Log<unknown>>();
  private readonly shares = new Map<string, Share>();
  private pending: Change[] = [];
  private journal: JournalFile | undefined;
  private recording = false;
  private now: () => number = () => Number.NEGATIVE_INFINITY;
  private checkAt = CHECK_EVERY;

  /** The collection of that name, made at first use. Documents are plain JSON. */
  collection<T>(name: string): Collection<T> {
    let found = this.collections.get(name);
    if (!found) {
      found = new Collection<unknown>((key, value) => {
        if (this.recording)
          this.pending.push(value === undefined ? { c: name, k: key } : { c: name, k: key, v: value });
      });
      this.collections.set(name, found);
    }
    // One name is only ever opened with one document type: `model.ts` is the single place that does it.
    return found as Collection<T>;
  }

  /** Adds a log. `make` is given what the log must call with each row that is added to it. */
  log<T, L extends Log<T>>(name: string, make: (added: (row: T) => void) => L): L {
    const made = make((row) => {
      if (this.recording) this.pending.push({ c: name, v: row });
    });
    this.logs.set(name, made);
    return made;
  }

  /**
   * Replays the journal over the generated world and opens it for appending. A torn last line is cut off.
   *
   * @param now Milliseconds since 1970, asked for what has become too old to be kept.
   * @throws FolderError for a journal that is not one.
   */
  open(folder: string, now: () => number = this.now): void {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.now = now;
    for (const collection of this.collections.values()) collection.settle();
    for (const log of this.logs.values()) log.settle();
    const file = path.join(folder, "journal.jsonl");
    const size = existsSync(file) ? this.replay(file) : 0;
    this.journal = new JournalFile(file, size);
    this.recording = true;
    const history = this.history();
    if (history > IDLE_HISTORY && history > size / 4) this.compact();
  }

  /** Writes what the current request changed. Called before each answer. */
  commit(): void {
    if (this.pending.length === 0) return;
    const changes = this.pending;
    this.pending = [];
    if (!this.journal) return;
    const before = this.journal.bytes;
    this.journal.append(`${JSON.stringify(changes)}\n`);
    this.weigh(changes, this.journal.bytes - before);
    if (this.journal.bytes < this.checkAt) return;
    const history = this.history();
    if (history > BUSY_HISTORY && history > this.journal.bytes / 2) this.compact();
    this.checkAt = this.journal.bytes + CHECK_EVERY;
  }

  /** Rewrites the journal as the changes that still count. Where that fails the old one stays, and is gone on with. */
  compact(): void {
    if (!this.journal) return;
    this.commit();
    const before = [...this.shares];
    this.shares.clear();
    try {
      this.journal.replace(this.lines());
    } catch (error) {
      if (!isSystemError(error)) throw error;
      for (const [name, share] of before) this.shares.set(name, share);
    }
  }

  close(): void {
    this.commit();
    this.journal?.close();
    this.journal = undefined;
  }

  private *lines(): Iterable<string> {
    for (const changes of inGroups(this.counting())) {
      const line = `${JSON.stringify(changes)}\n`;
      this.weigh(changes, Buffer.byteLength(line));
      yield line;
    }
  }

  private *counting(): Iterable<Change> {
    for (const [c, collection] of this.collections) {
      for (const [k, v] of collection.differences()) yield v === undefined ? { c, k } : { c, k, v };
    }
    const now = this.now();
    for (const [c, log] of this.logs) for (const v of log.snapshot(now)) yield { c, v };
  }

  private replay(file: string): number {
    let number = 0;
    return readLines(file, (line, bytes) => {
      number++;
      const changes = parseChanges(line);
      if (!changes) {
        throw new FolderError(
          `${file} is damaged in line ${number}. Remove the folder ${path.dirname(file)} to start a new tenant.`,
        );
      }
      const now = this.now();
      for (const change of changes) this.apply(change, now);
      this.weigh(changes, bytes);
    });
  }

  private apply({ c, k, v }: Change, now: number): void {
    const log = this.logs.get(c);
    if (log) log.load(v, now);
    else if (v === undefined) this.collection(c).delete(k ?? "");
    else this.collection(c).put(k ?? "", v);
  }

  private weigh(changes: readonly Change[], bytes: number): void {
    for (const { c } of changes) {
      const share = this.shares.get(c) ?? { changes: 0, bytes: 0 };
      share.changes++;
      share.bytes += bytes / changes.length;
      this.shares.set(c, share);
    }
  }

  /** Bytes of the journal that no longer count, taking the changes of one collection to be of about one size. */
  private history(): number {
    let bytes = 0;
    for (const [name, share] of this.shares) {
      const counting = this.logs.get(name)?.journaled ?? this.collection(name).differences().size;
      bytes += share.bytes * Math.max(0, 1 - counting / share.changes);
    }
    return bytes;
  }
}

function* inGroups(changes: Iterable<Change>): Iterable<Change[]> {
  let group: Change[] = [];
  for (const change of changes) {
    group.push(change);
    if (group.length < CHANGES_PER_LINE) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

function parseChanges(line: string): Change[] | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return Array.isArray(parsed) && parsed.every(isChange) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isChange(value: unknown): value is Change {
  return typeof value === "object" && value !== null && "c" in value && typeof value.c === "string";
}

/** A full disk and the like, as opposed to a fault of ours. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}
