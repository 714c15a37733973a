import "server-only";
import type { Kysely, Selectable } from "kysely";
import { groupBy } from "@/lib/group-by.pure";
import { recoveryEnds } from "@/lib/store/decoys";
import type { Database, DecoyTable } from "@/lib/store/schema";

/** Which addresses are honeytokens, for the rows of an incident's page. */
interface KnownDecoys {
  /** Whether a call at that time (ISO) on this address was one on a honeytoken. */
  isDecoy(tokenKey: string, at: string): boolean;
  /** Id of the live honeytoken there, which can be replaced; null = none. */
  liveAt(tokenKey: string): string | null;
}

/**
 * What the register says of these addresses. Those that the alerts name, `touched`, are honeytokens whatever it says: it
 * may have been lost since. Of the others an old record alone makes none: a real object that bears the name of a
 * planting that failed, or of a honeytoken that is gone for good, has to be rotated like any other.
 */
export async function knownDecoys(
  db: Kysely<Database>,
  touched: readonly string[],
  others: readonly string[],
): Promise<KnownDecoys> {
  const named = new Set(touched);
  const rows = await db
    .selectFrom("decoy")
    .select(["id", "token_key", "state", "version", "deleted_at", "recoverable_until"])
    .where("token_key", "in", [...new Set([...touched, ...others, ""])])
    .execute();
  const known = groupBy(rows, (row) => row.token_key);
  return {
    isDecoy: (tokenKey, at) =>
      named.has(tokenKey) || known.get(tokenKey)?.some((row) => wasThere(row, new Date(at))) === true,
    liveAt: (tokenKey) => known.get(tokenKey)?.find(({ state }) => state === "live")?.id ?? null,
  };
}

type Standing = Pick<Selectable<DecoyTable>, "state" | "version" | "deleted_at" | "recoverable_until">;

/** Whether the address was the honeytoken's then. One that is being planted holds it from its first write on. */
function wasThere(decoy: Standing, at: Date): boolean {
  switch (decoy.state) {
    case "live":
    case "retiring":
      return true;
    case "planting":
      return decoy.version !== null;
    case "retired": {
      const until = recoveryEnds(decoy);
      return until !== undefined && at < until;
    }
    case "registered":
    case "failed":
      return false;
  }
}
