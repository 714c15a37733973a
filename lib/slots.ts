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

/** Whoever waits for a slot: what was begun goes on before the next is begun. */
interface Queue {
  begun: (() => void)[];
  fresh: (() => void)[];
}

/**
 * So many pieces of work at the same time, the others by rank and in the order in which they came. Unlike a plain limit it
 * knows waiting from working: while a piece waits for its turn at somebody else's limit (`outsideSlot`), another one works.
 */
export class Slots {
  private free: number;
  private readonly queues: readonly [Queue, Queue, Queue] = [newQueue(), newQueue(), newQueue()];

  constructor(most: number) {
    this.free = most;
  }

  /** Does the work as soon as a slot is free. */
  async run<T>(work: () => Promise<T>, { mayGoOn = () => {}, rank = 1 }: Work = {}): Promise<T> {
    await this.take(rank, "fresh");
    const place = new Place(this, { mayGoOn, rank });
    try {
      return await current.run(place, work);
    } finally {
      place.end();
    }
  }

  /** Takes a slot for `Place`; in order. */
  take(rank: Rank, whose: keyof Queue): Promise<void> {
    if (this.free > 0) {
      this.free--;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.queues[rank][whose].push(resolve));
  }

  give(): void {
    for (const { begun, fresh } of this.queues) {
      const next = begun.shift() ?? fresh.shift();
      if (next) return next();
    }
    this.free++;
  }
}

function newQueue(): Queue {
  return { begun: [], fresh: [] };
}

/** The slot of one piece of work. It counts as idle while any of its calls waits outside. */
class Place {
  private held = true;
  private waiting = 0;
  private ended = false;

  constructor(
    private readonly slots: Slots,
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
    await this.slots.take(this.work.rank, "begun");
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
