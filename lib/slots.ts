import "server-only";
import { AsyncLocalStorage } from "node:async_hooks";

const current = new AsyncLocalStorage<Place>();

export interface Work {
  /** Throws once the work is not to go on: whatever it would do then is refused by `mustGoOn`. */
  mayGoOn?: () => void;
  /** Whoever has a lower one goes first; 0, 1 or 2, and 1 unless said. */
  rank?: Rank;
}

export type Rank = 0 | 1 | 2;

/** Work that waits for a slot. */
interface Waiting {
  ticket: number;
  go(): void;
}

/**
 * So many pieces of work at the same time, the others by rank and in the order in which they came. Unlike a plain limit it
 * knows waiting from working: while a piece waits for its turn at somebody else's limit (`outsideSlot`), another one works.
 * Whoever comes back from there keeps its place in the order, so that what began first is also done first.
 */
export class Slots {
  private free: number;
  private tickets = 0;
  private readonly queues: Record<Rank, Waiting[]> = { 0: [], 1: [], 2: [] };

  constructor(most: number) {
    this.free = most;
  }

  /** Does the work as soon as a slot is free. */
  async run<T>(work: () => Promise<T>, { mayGoOn = () => {}, rank = 1 }: Work = {}): Promise<T> {
    const ticket = this.tickets++;
    await this.take(rank, ticket);
    const place = new Place(this, ticket, { mayGoOn, rank });
    try {
      return await current.run(place, work);
    } finally {
      place.end();
    }
  }

  /** Takes a slot for `Place`; in order. */
  take(rank: Rank, ticket: number): Promise<void> {
    if (this.free > 0) {
      this.free--;
      return Promise.resolve();
    }
    const queue = this.queues[rank];
    const behind = queue.findLastIndex((other) => other.ticket < ticket);
    return new Promise((go) => queue.splice(behind + 1, 0, { ticket, go }));
  }

  give(): void {
    const next = this.queues[0].shift() ?? this.queues[1].shift() ?? this.queues[2].shift();
    if (next) next.go();
    else this.free++;
  }
}

/** The slot of one piece of work. It counts as idle while any of its calls waits outside. */
class Place {
  private held = true;
  private waiting = 0;
  private ended = false;

  constructor(
    private readonly slots: Slots,
    private readonly ticket: number,
    readonly work: Required<Work>,
  ) {}

  async outside<T>(wait: () => Promise<T>): Promise<T> {
    this.waiting++;
    this.release();
    try {
      return await wait();
    } finally {
      this.waiting--;
      if (this.waiting === 0 && !this.ended) await this.takeAgain();
    }
  }

  end(): void {
    this.ended = true;
    this.release();
  }

  private async takeAgain(): Promise<void> {
    await this.slots.take(this.work.rank, this.ticket);
    this.held = true;
    // Meanwhile another call of the same work may have begun to wait, or the work may have ended.
    if (this.waiting > 0 || this.ended) this.release();
  }

  private release(): void {
    if (!this.held) return;
    this.held = false;
    this.slots.give();
  }
}

/** Waits without keeping the slot that the present work has, and goes on when it has one again. Harmless where there is none. */
export function outsideSlot<T>(wait: () => Promise<T>): Promise<T> {
  const place = current.getStore();
  return place ? place.outside(wait) : wait();
}

/** Asked right before something is sent that cannot be called back: throws what the present work's `mayGoOn` throws. */
export function mustGoOn(): void {
  current.getStore()?.work.mayGoOn();
}

/**
 * Does what many wait for, and what so belongs to nobody's slot: its own waits (`outsideSlot`) give nobody's slot away,
 * and nobody's end ends it.
 */
export function forAll<T>(work: () => T): T {
  return current.exit(work);
}
