import "server-only";
import type { z } from "zod";
import type { AzureAccess } from "@/lib/context";

/** Runs a Resource Graph query to its last page (1,000 rows each); every row is parsed by `schema`. */
export async function queryResourceGraph<T>(
  _azure: AzureAccess,
  _query: string,
  _schema: z.ZodType<T>,
  _options: { subscriptions?: string[] } = {},
): Promise<T[]> {
  throw new Error("being written");
}
