import type { Context } from "../context";
import type { Workspace } from "../model";
import { databaseOf } from "./database";
import { KqlError } from "./kql/errors";
import type { Column } from "./kql/types";
import { sharedEngine } from "./shared-engine";

/**
 * Columns that a query over a workspace answers, found without running it; undefined where they depend on the data
 * (`bag_unpack`) or where the query uses what this engine lacks and the service has, so that nothing can be said.
 * @throws KqlError for a query that the parser refuses: `KS...`, `QueryTooComplex`, `TimeLimitExceeded`, `EvaluationFailed`.
 */
export async function queryColumns(
  context: Context,
  workspace: Workspace,
  query: string,
): Promise<readonly Column[] | undefined> {
  try {
    const { plan } = await sharedEngine(context).compile(query, databaseOf(context, workspace));
    return plan.columns;
  } catch (error) {
    if (!(error instanceof KqlError)) throw error;
    if (error.code === "NotSupported") return undefined;
    // A text that the parser breaks on is a bad text, not a fault of the tenant.
    if (error.code === "ParserFailed") throw new KqlError("EvaluationFailed", error.message);
    throw error;
  }
}
