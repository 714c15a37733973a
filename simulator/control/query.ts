import { z } from "zod";
import type { Context } from "../context";
import { AzureError, type Router, type SimRequest } from "../http";
import { databaseOf } from "../loganalytics/database";
import { KqlError } from "../loganalytics/kql/errors";
import type { ResultTable } from "../loganalytics/kql/types";
import { wireValue } from "../loganalytics/kql/values/text";
import { QueryAnswer } from "../loganalytics/query-answer";
import { sharedEngine } from "../loganalytics/shared-engine";
import { parseTimespan } from "../loganalytics/timespan";
import { watchedWorkspace } from "../loganalytics/workspace";

const Wish = z.strictObject({ query: z.string().min(1), timespan: z.string().optional() });

/**
 * `POST /sim/query`: one query over the watched workspace as it is now, without a caller and without Azure's limits. What
 * is wrong with a query is said with its place, counted from the start of the text.
 */
export function routeQuery<C extends { request: SimRequest; context: Context }>(router: Router<C>): void {
  router.on("POST", "/sim/query", async ({ request, context }) => {
    const wish = Wish.safeParse(request.json());
    if (!wish.success) throw new AzureError(400, "BadRequest", 'The body must be like {"query": "print 1"}.');
    try {
      return { status: 200, body: await answerQuery(context, wish.data) };
    } catch (error) {
      if (!(error instanceof KqlError)) throw error;
      const position = error.position === undefined ? undefined : { position: error.position };
      throw new AzureError(400, error.code, error.message, { innererror: position });
    }
  });
}

/** @throws KqlError, and AzureError for a time range that is none. */
export async function answerQuery(context: Context, { query, timespan }: z.infer<typeof Wish>): Promise<QueryAnswer> {
  const workspace = watchedWorkspace(context);
  if (!workspace) throw new KqlError("EvaluationFailed", "this tenant has no workspace");
  const now = context.now();
  const result = await sharedEngine(context).query(query, databaseOf({ ...context, now: () => now }, workspace), {
    now,
    ...(timespan !== undefined && { timespan: parseTimespan(timespan, now) }),
  });
  return shown(result);
}

function shown({ columns, rows, stats }: ResultTable): QueryAnswer {
  return QueryAnswer.parse({
    columns: columns.map(({ name }) => name),
    rows: rows.map((row) => columns.map(({ type }, at) => wireValue(row[at] ?? null, type, "json"))),
    stats,
  });
}
