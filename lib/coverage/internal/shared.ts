import "server-only";
import type { ServiceContext } from "@/lib/context";

/** A question asked once at a time: whoever asks while it is under way gets the same answer. */
export class SingleFlight<T> {
  private flight: Promise<T> | undefined;
  private kept: { value: T; at: number } | undefined;

  /** Asks, unless an answer younger than `maxAge` milliseconds is kept. A failure is not kept. */
  async get(maxAge: number, now: number, ask: () => Promise<T>): Promise<T> {
    if (this.kept && now - this.kept.at <= maxAge && now >= this.kept.at) return this.kept.value;
    this.flight ??= this.fly(now, ask);
    return this.flight;
  }

  private fly(at: number, ask: () => Promise<T>): Promise<T> {
    const flight = ask().then(
      (value) => {
        // Forgotten while under way: whoever waits gets it, nobody else does.
        if (this.flight === flight) {
          this.kept = { value, at };
          this.flight = undefined;
        }
        return value;
      },
      (error: unknown) => {
        if (this.flight === flight) this.flight = undefined;
        throw error;
      },
    );
    return flight;
  }

  /** Forgets the kept answer; one under way may be older than what made it stale, so the next reader asks anew. */
  forget(): void {
    this.kept = undefined;
    this.flight = undefined;
  }
}

const KEY = Symbol.for("key-vault-honeytokens.coverage");
interface Holder {
  [KEY]?: WeakMap<object, Map<string, unknown>>;
}
// The symbol is ours alone, so whatever is under it was put there below.
const holder = globalThis as Holder;

/**
 * A value per store and name, made on first use. It lives on `globalThis`, because a bundler may load this module more
 * than once in one process, and two copies of a cache would ask Azure twice.
 */
export function sharedValue<T>(db: ServiceContext["db"], name: string, make: () => T): T {
  holder[KEY] ??= new WeakMap();
  const values = holder[KEY].get(db) ?? new Map<string, unknown>();
  holder[KEY].set(db, values);
  if (!values.has(name)) values.set(name, make());
  // What is under a name was put there by the same caller's `make`, in this or in another copy of the module.
  return values.get(name) as T;
}
