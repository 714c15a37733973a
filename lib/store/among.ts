import "server-only";
import { type RawBuilder, sql } from "kysely";

/** Whether a column holds one of these texts: as one parameter, since a statement takes 65,535 of them and no more. */
export function isAmong(column: string, texts: readonly string[]): RawBuilder<boolean> {
  return sql<boolean>`${sql.ref(column)} in (select jsonb_array_elements_text(${JSON.stringify(texts)}::text::jsonb))`;
}
