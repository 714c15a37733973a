import "server-only";
import { ResourceGraphClient } from "@azure/arm-resourcegraph";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { armOptions, keepPerAccess } from "./clients";
import { toAppError } from "./parse-error";

/** Resource Graph's largest page. */
const PAGE_ROWS = 1000;
/** A million vaults; a server that never ends its pages must not hold us for ever. */
const PAGES_MAX = 1000;

const clientOf = keepPerAccess((azure) => new ResourceGraphClient(azure.credential, armOptions(azure)));

/**
 * Runs a Resource Graph query to its last page (1,000 rows each); every row is parsed by `schema`.
 * The query must project `id`, or Azure cannot page it; a cut answer is an error, never fewer rows.
 * Left out, `subscriptions` means all that the caller can see. One page is one call. `alsoAbove` takes in what stands at
 * management groups above the scope, which policies and role assignments there need and Azure leaves out by default.
 */
export async function queryResourceGraph<T>(
  azure: AzureAccess,
  query: string,
  schema: z.ZodType<T>,
  options: { subscriptions?: string[]; alsoAbove?: boolean } = {},
): Promise<T[]> {
  const rows: T[] = [];
  try {
    let skipToken: string | undefined;
    for (let page = 0; page < PAGES_MAX; page++) {
      const answer = await clientOf(azure, "").resources({
        query,
        ...(options.subscriptions && { subscriptions: options.subscriptions }),
        options: {
          top: PAGE_ROWS,
          resultFormat: "objectArray",
          ...(skipToken && { skipToken }),
          ...(options.alsoAbove && { authorizationScopeFilter: "AtScopeAboveAndBelow" }),
        },
      });
      for (const row of z.array(schema).parse(answer.data)) rows.push(row);
      skipToken = answer.skipToken;
      if (skipToken) continue;
      if (answer.resultTruncated === "true") break;
      return rows;
    }
  } catch (error) {
    throw toAppError(error, "read the inventory from Azure Resource Graph");
  }
  throw new AppError("unavailable", "Azure Resource Graph cut its answer short.", { fix: "Try again in a minute." });
}
