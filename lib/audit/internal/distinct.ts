import "server-only";
import { sql } from "kysely";
import type { UserContext } from "@/lib/context";

/**
 * The different values of an indexed column that hold `part`, any casing. Jumps from one value to the next by the index,
 * so that it costs as many look-ups as there are values, not as there are rows.
 */
export async function distinctValues(db: UserContext["db"], column: "who" | "action", part: string): Promise<string[]> {
  const name = sql.ref(column);
  const first = sql`(select ${name} found from audit order by ${name} limit 1)`;
  const following = sql`(select ${name} from audit where ${name} > jump.found order by ${name} limit 1)`;
  const jumps = sql`with recursive jump as (${first} union all select ${following} from jump where found is not null)`;
  const holds = sql`position(lower(${part}) in lower(found)) > 0`;
  const { rows } = await sql<{ found: string }>`${jumps} select found from jump where ${holds}`.execute(db);
  return rows.map(({ found }) => found);
}
