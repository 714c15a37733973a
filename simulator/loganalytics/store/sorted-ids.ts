const FIRST_CAPACITY = 1024;

/**
 * Row numbers in the order of a time of theirs, ties in the order of the numbers. Numbers are added in any order; those
 * that are newer than all others, which is the rule, cost nothing, and late ones move only what is newer than they are.
 */
export class SortedIds {
  private ids = new Uint32Array(FIRST_CAPACITY);
  private length = 0;
  /** Added since the last look, unsorted. */
  private waiting: number[] = [];
  /** Somebody holds the array as it is up to its length. */
  private lent = false;

  /** `timeOf` answers for every added number, always the same. */
  constructor(private readonly timeOf: (id: number) => number) {}

  /** Numbers must rise from call to call. */
  add(id: number): void {
    if (this.waiting.length === 0 && !(this.timeOf(id) < this.lastTime())) this.append(id);
    else this.waiting.push(id);
  }

  /** All numbers in order. Nobody changes what was handed out. */
  all(): Uint32Array {
    this.settle();
    this.lent = true;
    return this.ids.subarray(0, this.length);
  }

  /** How many numbers have a time `<= time`. */
  countUntil(time: number): number {
    this.settle();
    return upperBound(this.ids.subarray(0, this.length), this.timeOf, time);
  }

  private lastTime(): number {
    return this.length === 0 ? Number.NEGATIVE_INFINITY : this.timeOf(this.ids[this.length - 1] ?? 0);
  }

  private append(id: number): void {
    // What lies beyond the length was never handed out.
    if (this.length === this.ids.length) this.moveTo(new Uint32Array(this.length * 2));
    this.ids[this.length++] = id;
  }

  private settle(): void {
    if (this.waiting.length === 0) return;
    const late = this.waiting.sort((a, b) => this.timeOf(a) - this.timeOf(b) || a - b);
    this.waiting = [];
    const total = this.length + late.length;
    let capacity = this.ids.length;
    while (capacity < total) capacity *= 2;
    if (this.lent || capacity > this.ids.length) this.moveTo(new Uint32Array(capacity));
    this.mergeFromBehind(late, total);
    this.length = total;
  }

  /** From the end, so that everything older than the oldest late one stays where it is. */
  private mergeFromBehind(late: readonly number[], total: number): void {
    const { ids } = this;
    let old = this.length - 1;
    let next = late.length - 1;
    for (let place = total - 1; next >= 0; place--) {
      const candidate = late[next] ?? 0;
      const other = ids[old] ?? 0;
      // All late numbers are greater than the old ones, so at equal times they come after them.
      if (old >= 0 && this.timeOf(other) > this.timeOf(candidate)) {
        ids[place] = other;
        old--;
      } else {
        ids[place] = candidate;
        next--;
      }
    }
  }

  private moveTo(room: Uint32Array<ArrayBuffer>): void {
    room.set(this.ids.subarray(0, this.length));
    this.ids = room;
    this.lent = false;
  }
}

/** The first position in `ids`, sorted by time, whose time is greater than `time`. */
export function upperBound(ids: Uint32Array, timeOf: (id: number) => number, time: number): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timeOf(ids[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}
