import { z } from "zod";
import type { Exchange } from "./exchange";
import type { Finding } from "./finding";

/** One answer that is a list, and how much is in it. */
interface ListAnswer {
  path: string;
  size: number;
}

const List = z.looseObject({ value: z.array(z.unknown()) });
const Rows = z.looseObject({ data: z.union([z.array(z.unknown()), z.looseObject({ rows: z.array(z.unknown()) })]) });
const Tables = z.looseObject({ tables: z.array(z.looseObject({ rows: z.array(z.unknown()) })) });

/** `value` of ARM and Key Vault, `data` of Resource Graph, the tables of a log query. */
function listIn(body: unknown): ListAnswer | undefined {
  const list = List.safeParse(body);
  if (list.success) return { path: "response/value", size: list.data.value.length };
  const rows = Rows.safeParse(body);
  if (rows.success) {
    const { data } = rows.data;
    return { path: "response/data", size: Array.isArray(data) ? data.length : data.rows.length };
  }
  const tables = Tables.safeParse(body);
  if (!tables.success) return undefined;
  return { path: "response/tables", size: tables.data.tables.reduce((sum, table) => sum + table.rows.length, 0) };
}

/**
 * An empty list conforms to everything, so every operation that answers with one must have had something in it at least
 * once per run. `nameOf` tells which operation an exchange is.
 */
export function emptyLists(
  exchanges: readonly Exchange[],
  nameOf: (exchange: Exchange) => string,
  where: string,
): { lists: number; findings: Finding[] } {
  const largest = new Map<string, ListAnswer>();
  for (const exchange of exchanges) {
    const list = exchange.status < 400 ? listIn(exchange.responseBody) : undefined;
    if (!list) continue;
    const name = nameOf(exchange);
    if (list.size >= (largest.get(name)?.size ?? 0)) largest.set(name, list);
  }
  const findings = [...largest]
    .filter(([, { size }]) => size === 0)
    .map(([operation, { path }]) => ({
      code: "EMPTY_LIST",
      operation,
      path,
      message: "Every list that this operation answered was empty.",
      where,
    }));
  return { lists: largest.size, findings };
}
