/** Documents under lower-case keys that are made when they are asked for, and are always the same. */
export interface Layer<T> {
  readonly size: number;
  has(key: string): boolean;
  get(key: string): T | undefined;
  entries(): Iterable<[string, T]>;
  /** The documents by one key of theirs, where the layer can tell a group without making the others. */
  readonly groups?: { keyOf: (document: T) => string; entries(group: string): Iterable<[string, T]> };
}

/** Documents by a key of theirs. */
export interface Groups<T> {
  get(group: string): readonly T[] | undefined;
}

/** Keys of so many of the last writes are kept. */
const RECENT_MAX = 10_000;

/**
 * A map of documents by lower-case key that remembers what changed. Replace documents, never change them in place.
 *
 * Changes lie over a layer of documents that never change: those that the world began with. Most of these are only made
 * when they are asked for, which is why nothing of them is kept here. `undefined` marks a document of the layer that is
 * gone. Documents come in the order of the layer, then in the order in which the others were added.
 */
export class Collection<T> {
  private below: Layer<T> | undefined;
  private changes = new Map<string, T | undefined>();
  private count = 0;
  private writes = 0;
  /** Keys of the last writes, the newest last. */
  private recent: string[] = [];
  private grouping: Grouping<T> | undefined;

  constructor(private readonly changed: (key: string, value: T | undefined) => void) {}

  /** Puts generated documents under everything else. Only while the collection is empty. */
  lay(layer: Layer<T>): void {
    if (this.size > 0) throw new Error("A layer goes under an empty collection.");
    this.below = layer;
    this.count = layer.size;
    this.grouping = undefined;
    this.recent = [];
    this.writes++;
  }

  /** From here on only what changes is a change: all that there is becomes the layer below. */
  settle(): void {
    if (this.changes.size === 0) return;
    this.below = new SettledLayer(this.below, this.changes, this.count);
    this.changes = new Map();
    this.grouping = undefined;
  }

  get(key: string): T | undefined {
    const lower = key.toLowerCase();
    const own = this.changes.get(lower);
    return own !== undefined || this.changes.has(lower) ? own : this.below?.get(lower);
  }

  put(key: string, value: T): void {
    const lower = key.toLowerCase();
    if (!this.has(lower)) this.count++;
    this.write(lower, value);
  }

  delete(key: string): boolean {
    const lower = key.toLowerCase();
    if (!this.has(lower)) return false;
    this.count--;
    this.write(lower, undefined);
    return true;
  }

  /** Grows with every change, so that what is derived from the documents can be kept until they change. */
  get version(): number {
    return this.writes;
  }

  /** Keys of what was written after that version; undefined when it is too long ago to say. */
  changedSince(version: number): ReadonlySet<string> | undefined {
    const since = this.writes - version;
    return since > this.recent.length ? undefined : new Set(since === 0 ? [] : this.recent.slice(-since));
  }

  /**
   * The documents by a key of theirs. Kept up to date for one `keyOf` (pass the same function each time): a fleet of
   * thousands of vaults is asked vault by vault, also between two writes.
   */
  groupedBy(keyOf: (document: T) => string): Groups<T> {
    if (this.grouping?.keyOf !== keyOf) this.grouping = new Grouping(keyOf, this.below, this.changes);
    return this.grouping;
  }

  *entries(): IterableIterator<[string, T]> {
    yield* layered(this.below, this.changes);
  }

  *values(): IterableIterator<T> {
    for (const [, document] of layered(this.below, this.changes)) yield document;
  }

  get size(): number {
    return this.count;
  }

  /** What differs from the layer below: applied in this order to the layer alone, it gives the collection again. */
  differences(): ReadonlyMap<string, T | undefined> {
    return this.changes;
  }

  private has(lower: string): boolean {
    const own = this.changes.get(lower);
    if (own !== undefined || this.changes.has(lower)) return own !== undefined;
    return this.below?.has(lower) ?? false;
  }

  private write(lower: string, value: T | undefined): void {
    this.grouping?.note(lower, this.changes.get(lower), value);
    if (value === undefined && !this.below?.has(lower)) this.changes.delete(lower);
    else this.changes.set(lower, value);
    this.writes++;
    this.recent.push(lower);
    if (this.recent.length > 2 * RECENT_MAX) this.recent = this.recent.slice(-RECENT_MAX);
    this.changed(lower, value);
  }
}

function* layered<T>(below: Layer<T> | undefined, changes: ReadonlyMap<string, T | undefined>): Iterable<[string, T]> {
  if (below) yield* overridden(below.entries(), changes);
  for (const [key, value] of changes) if (value !== undefined && !below?.has(key)) yield [key, value];
}

/** Entries of a layer as the changes left them. */
function* overridden<T>(
  entries: Iterable<[string, T]>,
  changes: ReadonlyMap<string, T | undefined>,
): Iterable<[string, T]> {
  for (const entry of entries) {
    const own = changes.get(entry[0]);
    if (own !== undefined) yield [entry[0], own];
    else if (!changes.has(entry[0])) yield entry;
  }
}

/** A layer with changes that have become part of it. */
class SettledLayer<T> implements Layer<T> {
  private readonly added: ReadonlyMap<string, T | undefined>;

  constructor(
    private readonly below: Layer<T> | undefined,
    changes: ReadonlyMap<string, T | undefined>,
    readonly size: number,
  ) {
    this.added = changes;
  }

  has(key: string): boolean {
    const own = this.added.get(key);
    if (own !== undefined || this.added.has(key)) return own !== undefined;
    return this.below?.has(key) ?? false;
  }

  get(key: string): T | undefined {
    const own = this.added.get(key);
    return own !== undefined || this.added.has(key) ? own : this.below?.get(key);
  }

  entries(): Iterable<[string, T]> {
    return layered(this.below, this.added);
  }
}

const NONE: ReadonlyMap<string, never> = new Map<string, never>();

/** Changed documents by group, kept up to date with every write; those of the layer are asked for or, at worst, sorted once. */
class Grouping<T> implements Groups<T> {
  private readonly byGroup = new Map<string, Map<string, T>>();
  private readonly fromLayer: (group: string) => Iterable<[string, T]>;

  constructor(
    readonly keyOf: (document: T) => string,
    below: Layer<T> | undefined,
    private readonly changes: ReadonlyMap<string, T | undefined>,
  ) {
    for (const [key, value] of changes) if (value !== undefined) addTo(this.byGroup, keyOf(value), key, value);
    const known = below?.groups;
    if (known && known.keyOf === keyOf) this.fromLayer = (group) => known.entries(group);
    else {
      const sorted = new Map<string, Map<string, T>>();
      for (const [key, value] of below?.entries() ?? []) addTo(sorted, keyOf(value), key, value);
      this.fromLayer = (group) => sorted.get(group) ?? NONE;
    }
  }

  get(group: string): readonly T[] | undefined {
    const found: T[] = [];
    const laid = new Set<string>();
    for (const [key, value] of this.fromLayer(group)) {
      if (!this.changes.has(key)) found.push(value);
      else {
        const own = this.byGroup.get(group)?.get(key);
        if (own !== undefined) found.push(own);
        laid.add(key);
      }
    }
    for (const [key, value] of this.byGroup.get(group) ?? NONE) if (!laid.has(key)) found.push(value);
    return found.length > 0 ? found : undefined;
  }

  /** Told before each write: what the changes held under this key, and what they will hold. */
  note(key: string, before: T | undefined, after: T | undefined): void {
    const left = before === undefined ? undefined : this.keyOf(before);
    const joined = after === undefined ? undefined : this.keyOf(after);
    if (left !== undefined && left !== joined) this.byGroup.get(left)?.delete(key);
    if (joined !== undefined && after !== undefined) addTo(this.byGroup, joined, key, after);
  }
}

function addTo<T>(groups: Map<string, Map<string, T>>, group: string, key: string, value: T): void {
  const found = groups.get(group);
  if (found) found.set(key, value);
  else groups.set(group, new Map([[key, value]]));
}
