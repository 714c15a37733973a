import "server-only";
import { type RawBuilder, sql } from "kysely";

/**
 * Whether a column of this type holds one of these values: as one parameter, since a statement takes 65,535 of them and no
 * more.
 */
export function isAmong(
  column: string,
  values: readonly string[],
  type: "text" | "uuid" = "text",
): RawBuilder<boolean> {
  const listed = sql`jsonb_array_elements_text(${JSON.stringify(values)}::text::jsonb)`;
  return sql<boolean>`${sql.ref(column)} in (select value::${sql.raw(type)} from ${listed})`;
}
