import "server-only";
import { AsyncLocalStorage } from "node:async_hooks";

const current = new AsyncLocalStorage<Place>();

/**
 * So many pieces of work at the same time, the others in the order in which they came. Unlike a plain limit it knows
 * waiting from working: while a piece waits for its turn at somebody else's limit (`outsideSlot`), another one works.
 */
export class Slots {
  private free: number;
  private readonly queue: (() => void)[] = [];

  constructor(most: number) {
    this.free = most;
  }

  /**
   * Does the work as soon as a slot is free.
   *
   * @param mayGoOn throws once the work is not to go on: whatever it would do then is refused by `mustGoOn`
   */
  async run<T>(work: () => Promise<T>, mayGoOn: () => void = () => {}): Promise<T> {
    await this.take();
    const place = new Place(this, mayGoOn);
    try {
      return await current.run(place, work);
    } finally {
      place.end();
    }
  }

  /** Takes a slot for `Place`; in order. */
  take(): Promise<void> {
    if (this.free > 0) {
      this.free--;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.queue.push(resolve));
  }

  give(): void {
    const next = this.queue.shift();
    if (next) next();
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
    readonly mayGoOn: () => void,
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
    await this.slots.take();
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
  current.getStore()?.mayGoOn();
}

/**
 * Does what many wait for, and what so belongs to nobody's slot: its own waits (`outsideSlot`) give nobody's slot away,
 * and nobody's end ends it.
 */
export function forAll<T>(work: () => T): T {
  return current.exit(work);
}
