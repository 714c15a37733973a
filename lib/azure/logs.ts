import "server-only";
import { LogsQueryClient, LogsQueryResultStatus, type LogsTable } from "@azure/monitor-query-logs";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { keepPerAccess } from "./clients";
import { type KqlValue, letPrologue } from "./kql-literal.pure";
import { toAppError } from "./parse-error";

export interface LogQuery {
  /** Fixed text of ours. Names from `parameters` may be used in it like any `let`. */
  kql: string;
  parameters?: Readonly<Record<string, KqlValue>>;
  /** ISO 8601 duration back from now; `P90D` when left out (watchlist rows are refreshed every 12 days only). */
  timespan?: string;
}

/** `partial` says that the workspace stopped before the end; only where the query allowed that. */
export type LogOutcome<T> = { ok: true; rows: T[]; partial?: AppError } | { ok: false; error: AppError };

/** A query of a batch. */
export type BatchQuery<T> = LogQuery & {
  schema: z.ZodType<T>;
  /** The rows of a partial answer are given, marked as such; left out, such an answer is an error. */
  allowPartial?: boolean;
};

const TIMESPAN_DEFAULT = "P90D";
const DOING = "ask the log workspace";

const clientOf = keepPerAccess(
  (azure) =>
    new LogsQueryClient(azure.credential, {
      httpClient: azure.httpClient,
      endpoint: `${azure.cloud.logs}/v1`,
      credentials: { scopes: [azure.cloud.logsScope] },
    }),
);

/**
 * Runs one query; each row is an object by column name, parsed by `rowSchema`. `datetime` columns arrive as ISO
 * strings, `dynamic` ones as parsed JSON, `long` and `real` as numbers. A partial answer is an error, never fewer rows.
 * `within` is how long the service and we wait for it, in milliseconds, ten minutes at most; left out, as for every request.
 */
export async function queryLogs<T>(
  azure: AzureAccess,
  workspaceCustomerId: string,
  query: LogQuery,
  rowSchema: z.ZodType<T>,
  { within }: { within?: number } = {},
): Promise<T[]> {
  try {
    const answer = await clientOf(azure, "").queryWorkspace(
      workspaceCustomerId,
      textOf(query),
      { duration: query.timespan ?? TIMESPAN_DEFAULT },
      within === undefined
        ? {}
        : { serverTimeoutInSeconds: Math.floor(within / 1_000), requestOptions: { timeout: within } },
    );
    if (answer.status !== LogsQueryResultStatus.Success) throw cutShort(answer.partialError);
    return rowsOf(answer.tables, rowSchema);
  } catch (error) {
    throw toAppError(error, DOING);
  }
}

const BatchIds = z.object({ responses: z.array(z.object({ id: z.string(), status: z.number() })) });

/**
 * Several queries in one HTTP call; one that fails does not hide the others. Answers come in the order asked.
 * Throws only when the call as a whole fails. `within` is the patience in milliseconds where nobody waits for the answer;
 * left out, that of every request.
 */
export async function queryLogsBatch<const T extends readonly unknown[]>(
  azure: AzureAccess,
  workspaceCustomerId: string,
  queries: { [K in keyof T]: BatchQuery<T[K]> },
  options: { within?: number } = {},
): Promise<{ [K in keyof T]: LogOutcome<T[K]> }> {
  const asked: readonly BatchQuery<unknown>[] = queries;
  let body: unknown;
  try {
    const answers = await clientOf(azure, "").queryBatch(
      asked.map((query) => ({
        workspaceId: workspaceCustomerId,
        query: textOf(query),
        timespan: { duration: query.timespan ?? TIMESPAN_DEFAULT },
      })),
      {
        ...(options.within !== undefined && { requestOptions: { timeout: options.within } }),
        onResponse: ({ parsedBody }) => {
          body = parsedBody;
        },
      },
    );
    // The service may answer in any order and the SDK drops the ids that it sent (`query-0`, `query-1`...).
    const ids = BatchIds.parse(body).responses;
    const outcomes = asked.map((query, index): LogOutcome<unknown> => {
      const at = ids.findIndex(({ id }) => id === `query-${index}`);
      return outcomeOf(answers[at], ids[at]?.status, query);
    });
    // One outcome per query, in its order and parsed by its schema: the tuple that the signature promises.
    return outcomes as { [K in keyof T]: LogOutcome<T[K]> };
  } catch (error) {
    throw toAppError(error, DOING);
  }
}

type BatchAnswer = Awaited<ReturnType<LogsQueryClient["queryBatch"]>>[number];

function outcomeOf(
  answer: BatchAnswer | undefined,
  status: number | undefined,
  { schema, allowPartial = false }: BatchQuery<unknown>,
): LogOutcome<unknown> {
  try {
    if (answer?.status === LogsQueryResultStatus.Success && status === 200) {
      return { ok: true, rows: rowsOf(answer.tables, schema) };
    }
    const partial = answer?.status === LogsQueryResultStatus.PartialFailure ? answer.partialTables : [];
    if (allowPartial && status === 200 && partial.length > 0) {
      return { ok: true, rows: rowsOf(partial, schema), partial: endedEarly(answer) };
    }
    const said = answer?.status === LogsQueryResultStatus.PartialFailure ? answer.partialError : answer;
    throw status === 200 ? cutShort(said) : { statusCode: status, details: { error: said } };
  } catch (error) {
    return { ok: false, error: toAppError(error, DOING) };
  }
}

function cutShort(cause: unknown): AppError {
  return new AppError(
    "unavailable",
    "The log workspace gave only part of its answer, so it is not used.",
    { fix: "Try again in a minute; if it stays, the query is too large for the workspace." },
    cause,
  );
}

function endedEarly(cause: unknown): AppError {
  return new AppError(
    "unavailable",
    "The log workspace gave only part of its answer: rows are missing.",
    { fix: "Choose a shorter time range, or try again in a minute." },
    cause,
  );
}

function textOf({ kql, parameters }: LogQuery): string {
  return parameters ? `${letPrologue(parameters)}${kql}` : kql;
}

/** The first table is the answer; its rows become objects. */
function rowsOf<T>(tables: readonly LogsTable[], schema: z.ZodType<T>): T[] {
  const table = tables[0];
  if (!table) return [];
  const names = table.columnDescriptors.map(({ name }) => name ?? "");
  const rows = table.rows.map((cells) => {
    // Thousands of rows at a time come this way: no pairs are made on the way to the object.
    const row: Record<string, unknown> = {};
    for (const [at, name] of names.entries()) {
      const cell = cells[at];
      row[name] = cell instanceof Date ? cell.toISOString() : cell;
    }
    return row;
  });
  return z.array(schema).parse(rows);
}
