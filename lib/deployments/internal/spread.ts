import "server-only";

interface Scope {
  works: boolean;
  /** Milliseconds since 1970, all of them. */
  givenAt: number;
  /** When somebody was last told to try. */
  askedAt: number | undefined;
  /** When a try was last refused. */
  refusedAt: number | undefined;
}

interface Known {
  scopes: Map<string, Scope>;
  /** Scopes that are tried often, with when they were asked about last. */
  scouts: Map<string, number>;
  /** How long rights take to work just now, as far as was seen, milliseconds. */
  lately: number | undefined;
}

const all = new WeakMap<object, Known>();

/** So many find out how long rights take just now; each refused try is two calls and two rows in a vault's log. */
const SCOUTS = 8;
/** The others try again after so much of the time that they have waited already. */
const BACKOFF = 0.5;
/** Whoever may not try looks again after so many pauses at most: thousands look, and others may have found out. */
const LOOK_PAUSES = 3;
/** A success that comes within so many pauses of a refusal tells how long the right took; a later one only that it took less. */
const EXACT_PAUSES = 3;
/** A scout that was not heard of for so many pauses has ended otherwise. */
const SCOUT_LOST_AFTER = 4;

/**
 * Whether a new right works yet. Azure takes up to ten minutes to spread one, and thousands may wait at the same time: one
 * vault asks for all that share a right, a few rights are tried often, and the others when those have begun to work, and
 * now and then on their own account. Kept in memory: at worst a fresh process asks once more.
 */
export class Spread {
  private readonly known: Known;
  private readonly scope: Scope;

  /**
   * @param store whose grants these are: two products in one process (tests) share nothing
   * @param key identifies the right: its scope or the grant
   * @param times when it was given, milliseconds since 1970, and the pause between two tries of a scout
   */
  constructor(
    store: object,
    private readonly key: string,
    private readonly times: { givenAt: number; pauseMs: number },
  ) {
    this.known = all.get(store) ?? { scopes: new Map(), scouts: new Map(), lately: undefined };
    all.set(store, this.known);
    this.scope = this.known.scopes.get(key) ?? {
      works: false,
      givenAt: times.givenAt,
      askedAt: undefined,
      refusedAt: undefined,
    };
    this.known.scopes.set(key, this.scope);
  }

  /** True when this caller may try, and then says what came of it; others of the scope wait until then, or for a pause. */
  mayTry(now: number): boolean {
    const { scope } = this;
    if (scope.works) return true;
    const scout = this.isScout(now);
    if (scope.askedAt !== undefined && now < Math.max(scope.askedAt + this.times.pauseMs, this.dueAt(scout)))
      return false;
    scope.askedAt = now;
    return true;
  }

  /** Milliseconds after which asking `mayTry` again may be of use, when it has just said no. */
  waitFor(now: number): number {
    const { pauseMs } = this.times;
    const due = this.dueAt(false) - now;
    return Math.min(LOOK_PAUSES * pauseMs, Math.max(pauseMs, due));
  }

  refused(now: number): void {
    this.scope.refusedAt = now;
  }

  works(now: number): void {
    const { scope, known, key } = this;
    known.scouts.delete(key);
    if (scope.works) return;
    scope.works = true;
    // What worked at once tells nothing of how long a right takes.
    if (scope.refusedAt === undefined) return;
    const took = now - scope.givenAt;
    const exact = now - scope.refusedAt <= EXACT_PAUSES * this.times.pauseMs;
    if (exact || known.lately === undefined || took < known.lately) known.lately = took;
  }

  private dueAt(scout: boolean): number {
    const { givenAt, refusedAt } = this.scope;
    if (refusedAt === undefined || scout) return Number.NEGATIVE_INFINITY;
    const byItself = refusedAt + (refusedAt - givenAt) * BACKOFF;
    const { lately } = this.known;
    return lately !== undefined && refusedAt < givenAt + lately ? Math.min(byItself, givenAt + lately) : byItself;
  }

  private isScout(now: number): boolean {
    const { scouts } = this.known;
    for (const [key, seen] of scouts) if (now - seen > SCOUT_LOST_AFTER * this.times.pauseMs) scouts.delete(key);
    if (scouts.size >= SCOUTS && !scouts.has(this.key)) return false;
    scouts.set(this.key, now);
    return true;
  }
}
