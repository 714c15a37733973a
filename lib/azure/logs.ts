import "server-only";
import type { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import type { AppError } from "@/lib/errors";

/** A typed KQL value: string, long (safe integer), bool, datetime, or a dynamic array of strings. */
export type KqlValue = string | number | boolean | Date | readonly string[];

export interface LogQuery {
  /** Fixed text of ours. Names from `parameters` may be used in it like any `let`. */
  kql: string;
  parameters?: Record<string, KqlValue>;
  /** ISO 8601 duration back from now; `P90D` when left out (watchlist rows are refreshed every 12 days only). */
  timespan?: string;
}

/**
 * Runs one query; each row is an object by column name, parsed by `rowSchema`. `datetime` columns arrive as ISO
 * strings, `dynamic` ones as parsed JSON, `long` and `real` as numbers. A partial answer is an error, never fewer rows.
 */
export async function queryLogs<T>(
  _azure: AzureAccess,
  _workspaceCustomerId: string,
  _query: LogQuery,
  _rowSchema: z.ZodType<T>,
): Promise<T[]> {
  throw new Error("being written");
}

export type LogOutcome<T> = { ok: true; rows: T[] } | { ok: false; error: AppError };

/** Several queries in one HTTP call; one that fails does not hide the others. Answers come in the order asked. */
export async function queryLogsBatch<const T extends readonly unknown[]>(
  _azure: AzureAccess,
  _workspaceCustomerId: string,
  _queries: { [K in keyof T]: LogQuery & { schema: z.ZodType<T[K]> } },
): Promise<{ [K in keyof T]: LogOutcome<T[K]> }> {
  throw new Error("being written");
}
