import "server-only";
import type { Kysely } from "kysely";
import type { Database } from "@/lib/store/schema";

interface Scope {
  works: boolean;
  /** Milliseconds since 1970: nobody asks again before. */
  nextAt: number;
}

const all = new WeakMap<Kysely<Database>, Map<string, Scope>>();

/**
 * Whether a new right works yet, asked by one vault for all that share it: Azure takes up to ten minutes to spread a
 * role, and a group may hold hundreds of vaults. Kept in memory: at worst a fresh process asks once more.
 */
export class Spread {
  private readonly scope: Scope;

  constructor(
    db: Kysely<Database>,
    /** Identifies the right: scope and moment of the grant. */
    key: string,
    private readonly pauseMs: number,
  ) {
    const scopes = all.get(db) ?? new Map<string, Scope>();
    all.set(db, scopes);
    this.scope = scopes.get(key) ?? { works: false, nextAt: 0 };
    scopes.set(key, this.scope);
  }

  /** True when this caller may try; others of the scope then wait until it knows more. */
  mayTry(now: number): boolean {
    if (this.scope.works) return true;
    if (now < this.scope.nextAt) return false;
    this.scope.nextAt = now + this.pauseMs;
    return true;
  }

  works(): void {
    this.scope.works = true;
  }
}
