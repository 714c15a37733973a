import { z } from "zod";
import { mayControl } from "../access";
import type { Call } from "../context";
import { AzureError, Router, type SimResponse } from "../http";
import type { Model, Workspace } from "../model";
import { RateWindow } from "../rate-window";
import { inTurn } from "./concurrency";
import { databaseOf } from "./database";
import { KqlError } from "./kql/errors";
import type { Database } from "./kql/types";
import { badArgument, logsError, queryFailed } from "./logs-errors";
import { databaseOfResource } from "./resource-database";
import { resultBody } from "./result-shape";
import { sharedEngine } from "./shared-engine";
import { parseTimespan } from "./timespan";

/** Requests per caller and 30 seconds (service limits of the query API). */
const REQUESTS_MAX = 200;
const REQUESTS_WINDOW_MS = 30_000;
/** Seconds that a query may run when the caller does not say, and at most. */
const WAIT_DEFAULT = 180;
const WAIT_MAX = 600;
/** Rows between two operators. The service limits memory instead; an answer is cut at 500,000 rows in `result-shape.ts`. */
const OPERATOR_ROWS_MAX = 2_000_000;
/** Queries in one batch; the service documents no figure, its portal stays below this. */
const BATCH_MAX = 100;

const QUERY_ACTION = "Microsoft.OperationalInsights/workspaces/query/read";

const QueryInput = z.looseObject({
  query: z.string().min(1),
  timespan: z.string().nullish(),
  workspaces: z.array(z.string()).nullish(),
});
type QueryInput = z.infer<typeof QueryInput>;

const BatchInput = z.looseObject({
  requests: z
    .array(
      z.looseObject({
        id: z.string().min(1),
        workspace: z.string().min(1),
        path: z.literal("/query").default("/query"),
        method: z.literal("POST").default("POST"),
        headers: z.record(z.string(), z.string()).nullish(),
        body: z.unknown(),
      }),
    )
    .min(1)
    .max(BATCH_MAX),
});

/** Every operation of the query API. */
export const logsRouter = new Router<Call>()
  .on("POST", "/v1/workspaces/{id}/query", (call, { id = "" }) => {
    const input = parse(QueryInput, call.request.json());
    return answer(() => query(call, id, input, call.request.headers.prefer));
  })
  .on("GET", "/v1/workspaces/{id}/query", (call, { id = "" }) => {
    const input = inputOfAddress(call);
    return answer(() => query(call, id, input, call.request.headers.prefer));
  })
  .on("POST", "/v1/{resource*}/query", (call, { resource = "" }) => {
    const input = parse(QueryInput, call.request.json());
    return answer(() => queryResource(call, resource, input, call.request.headers.prefer));
  })
  .on("GET", "/v1/{resource*}/query", (call, { resource = "" }) => {
    const input = inputOfAddress(call);
    return answer(() => queryResource(call, resource, input, call.request.headers.prefer));
  })
  .on("POST", "/v1/$batch", batch);

/** The Log Analytics query API: one query, or several in one request. The caller is already known. */
export async function handleLogAnalytics(call: Call): Promise<SimResponse> {
  const match = logsRouter.match(call.request.method, call.request.path);
  if (typeof match === "string") return pathNotFound().toResponse();
  try {
    return await match.handler(call, match.params);
  } catch (error) {
    if (error instanceof AzureError) return error.toResponse();
    throw error;
  }
}

async function batch(call: Call): Promise<SimResponse> {
  const { requests } = parse(BatchInput, call.request.json());
  const responses = [];
  for (const { id, workspace, body, headers } of requests) {
    const prefer = headers?.Prefer ?? headers?.prefer ?? call.request.headers.prefer;
    const response = await answer(() => query(call, workspace, parse(QueryInput, body), prefer));
    responses.push({ id, status: response.status, headers: response.headers ?? {}, body: response.body });
  }
  return { status: 200, body: { responses } };
}

async function answer(run: () => Promise<SimResponse>): Promise<SimResponse> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof AzureError) return error.toResponse();
    throw error;
  }
}

function pathNotFound(): AzureError {
  return logsError(404, { code: "PathNotFoundError", message: "The requested path does not exist" });
}

/** A query that stands in the address. */
function inputOfAddress({ request: { query: parameters } }: Call): QueryInput {
  return parse(QueryInput, { query: parameters.get("query"), timespan: parameters.get("timespan") });
}

function query(call: Call, id: string, input: QueryInput, prefer = ""): Promise<SimResponse> {
  return run(call, input, prefer, (at) => databaseOf(at, workspaceOf(call, id)));
}

/** A query about a resource: `/v1/subscriptions/...`, also with two slashes, as the client writes it. */
function queryResource(call: Call, resource: string, input: QueryInput, prefer = ""): Promise<SimResponse> {
  if (!/^\/subscriptions\//i.test(resource)) throw pathNotFound();
  return run(call, input, prefer, (at) => databaseOfResource(at, resource));
}

/** Runs a query over what `databaseAt` gives for a call whose time stands still: the state of one moment. */
async function run(
  call: Call,
  input: QueryInput,
  prefer: string,
  databaseAt: (call: Call) => Database,
): Promise<SimResponse> {
  takeRequest(call);
  const now = call.now();
  const database = databaseAt({ ...call, now: () => now });
  if (input.workspaces?.length) throw badArgument("Queries over several workspaces are not offered here.");
  const wait = Math.min(Number(/(?:^|[,;\s])wait=(\d+)/i.exec(prefer)?.[1] ?? WAIT_DEFAULT), WAIT_MAX);
  try {
    const result = await inTurn(call, () =>
      sharedEngine(call).query(input.query, database, {
        now,
        ...(input.timespan && { timespan: parseTimespan(input.timespan, now) }),
        limits: { milliseconds: wait * 1000, rows: OPERATOR_ROWS_MAX },
      }),
    );
    const wants = {
      statistics: /include-statistics=true/i.test(prefer),
      visualization: /include-(?:render|visualization)=true/i.test(prefer),
    };
    return { status: 200, body: resultBody(result, wants) };
  } catch (error) {
    if (error instanceof KqlError) throw queryFailed(error, input.query);
    throw error;
  }
}

/** By the GUID that queries name. @throws AzureError 404 for an unknown one, 403 without the right to query it. */
function workspaceOf(call: Call, id: string): Workspace {
  for (const workspace of call.model.workspaces.values()) {
    if (workspace.customerId.toLowerCase() !== id.toLowerCase()) continue;
    if (mayControl(call, call.caller, QUERY_ACTION, workspace.id)) return workspace;
    throw logsError(403, {
      code: "InsufficientAccessError",
      message: "The provided credentials have insufficient access to perform the requested operation",
    });
  }
  throw logsError(404, { code: "WorkspaceNotFoundError", message: "The workspace could not be found" });
}

const windows = new WeakMap<Model, RateWindow>();

function takeRequest(call: Call): void {
  if (!call.settings.throttle) return;
  let window = windows.get(call.model);
  if (!window) {
    window = new RateWindow(REQUESTS_MAX, REQUESTS_WINDOW_MS);
    windows.set(call.model, window);
  }
  const wait = window.take(call.caller.oid, call.now());
  if (wait === 0) return;
  const message = `Rate limit is exceeded. Try again in ${wait} seconds.`;
  throw logsError(429, { code: "ThrottledError", message }, { "retry-after": String(wait) });
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw badArgument(`${issue?.path.join(".") || "body"}: ${issue?.message ?? "invalid"}`);
}
