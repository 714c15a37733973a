import "server-only";
import { sql } from "kysely";
import type { UserContext } from "@/lib/context";

/**
 * The different values of an indexed column that hold `part`, any casing. Jumps from one value to the next by the index,
 * so that it costs as many look-ups as there are values, not as there are rows.
 */
export async function distinctValues(db: UserContext["db"], column: "who" | "action", part: string): Promise<string[]> {
  const name = sql.ref(column);
  const { rows } = await sql<{ value: string }>`
    with recursive jump as (
      (select ${name} as value from audit order by ${name} limit 1)
      union all
      select (select ${name} from audit where ${name} > jump.value order by ${name} limit 1) from jump where jump.value is not null
    )
    select value from jump where position(lower(${part}) in lower(value)) > 0`.execute(db);
  return rows.map(({ value }) => value);
}
