import { randomUUID } from "node:crypto";
import { z } from "zod";
import { ok } from "../arm/respond";
import { isGuid } from "../arm/scope";
import { bodyFault } from "../body-fault";
import { longText } from "../body-texts";
import type { Call } from "../context";
import { AzureError, type Router, type SimResponse } from "../http";
import { KqlError } from "../loganalytics/kql/errors";
import type { ResultTable } from "../loganalytics/kql/types";
import { wireValue } from "../loganalytics/kql/values/text";
import { sharedEngine } from "../loganalytics/shared-engine";
import { subscriptionsBelow } from "../policy/hierarchy";
import { graphBadRequest, invalidQuery } from "./errors";
import { prepareQuery } from "./language";
import { takeQuery } from "./quota";
import { keepResult, keptResult, openToken, type PageToken, queryKey, sealToken } from "./results";
import { visibleDatabase } from "./visible";

/** Rows of one page at most, and by default. */
const TOP_MAX = 1000;

/** Subscriptions that one query may name. */
const SUBSCRIPTIONS_MAX = 10_000;

const Body = z.object({
  query: z.string().min(1),
  subscriptions: z.array(z.string().refine(isGuid, "must be a GUID")).max(SUBSCRIPTIONS_MAX).nullish(),
  managementGroups: z.array(z.string()).nullish(),
  options: z
    .object({
      $top: z.int().min(1).max(TOP_MAX).nullish(),
      $skip: z.int().min(0).nullish(),
      $skipToken: z.string().min(1).nullish(),
      resultFormat: z.enum(["objectArray", "table"]).nullish(),
    })
    .nullish(),
});

type GraphRequest = z.infer<typeof Body>;

/** `POST /providers/Microsoft.ResourceGraph/resources`: a query over what the caller may read, by pages of 1,000. */
export function routeResourceGraph(router: Router<Call>): void {
  router.on("POST", "/providers/Microsoft.ResourceGraph/resources", async (call) => {
    const headers = takeQuery(call);
    try {
      return { ...(await answerQuery(call)), headers };
    } catch (error) {
      // A refused query has cost one of the quota too, and says so.
      if (error instanceof AzureError) {
        const { status, code, message, extra } = error;
        throw new AzureError(status, code, message, { ...extra, headers: { ...headers, ...extra.headers } });
      }
      throw error;
    }
  });
}

async function answerQuery(call: Call): Promise<SimResponse> {
  const request = readRequest(call);
  const subscriptions = scopeOf(call, request);
  const prepared = prepareQuery(request.query);
  if ("fault" in prepared) throw invalidQuery(call, prepared.fault);
  const key = queryKey(call, request.query, subscriptions);
  const page = pageOf(call, request, key);
  const result = keptResult(call, page.result) ?? (await evaluate(call, prepared.query, subscriptions));
  return answer(call, result, page, request.options?.resultFormat ?? "objectArray");
}

function readRequest(call: Call): GraphRequest {
  let parsed: unknown;
  try {
    parsed = JSON.parse(call.request.text);
  } catch {
    throw graphBadRequest(call, { code: "InvalidRequest", message: "The body is not JSON." });
  }
  const result = Body.safeParse(parsed);
  const fault = result.success ? longText(parsed) : bodyFault(result.error, parsed);
  if (!result.success || fault) {
    throw graphBadRequest(call, { code: "InvalidRequest", message: fault?.message ?? "" });
  }
  return result.data;
}

/** Lower-case subscription ids, or undefined for all: those that are named, or those below the management groups. */
function scopeOf(call: Call, { subscriptions, managementGroups }: GraphRequest): string[] | undefined {
  const groups = managementGroups ?? [];
  // Where there is no tree of groups the tenant's root still stands for everything.
  const isRoot = (name: string) => name.toLowerCase() === call.identity.tenantId.toLowerCase();
  const unknown = groups.find((name) => !isRoot(name) && !call.model.managementGroups.get(name));
  if (unknown !== undefined) {
    throw graphBadRequest(call, {
      code: "InvalidManagementGroupId",
      message: `The management group '${unknown}' does not exist.`,
    });
  }
  const named = (subscriptions ?? []).map((id) => id.toLowerCase());
  if (groups.every(isRoot)) return named.length === 0 ? undefined : [...new Set(named)];
  return [...new Set([...named, ...groups.flatMap((name) => subscriptionsBelow(call, name))])];
}

/** The page that the token of the request names, or the first one. */
function pageOf(call: Call, { options }: GraphRequest, key: string): PageToken {
  if (!options?.$skipToken) {
    return { key, result: randomUUID(), offset: options?.$skip ?? 0, top: options?.$top ?? TOP_MAX };
  }
  const token = openToken(call, options.$skipToken);
  if (!token || token.key !== key) {
    throw graphBadRequest(call, {
      code: "InvalidSkipToken",
      message: "The skip token is not valid for this query, these subscriptions and this caller.",
    });
  }
  return { ...token, top: options.$top ?? token.top };
}

async function evaluate(call: Call, query: string, subscriptions: readonly string[] | undefined): Promise<ResultTable> {
  try {
    return await sharedEngine(call).query(query, visibleDatabase(call, subscriptions), { now: call.now() });
  } catch (error) {
    if (!(error instanceof KqlError)) throw error;
    throw invalidQuery(call, {
      code: error.code === "NotSupported" ? error.code : "ParserFailure",
      message: error.message,
    });
  }
}

function answer(call: Call, result: ResultTable, page: PageToken, format: "objectArray" | "table"): SimResponse {
  const rows = result.rows.slice(page.offset, page.offset + page.top);
  const end = page.offset + rows.length;
  const more = end < result.rows.length;
  // Pages need a stable identity: the service gives no token when the query does not project `id`.
  const pageable = more && result.columns.some(({ name }) => name === "id");
  if (pageable) keepResult(call, page.result, result);
  const { columns } = result;
  const values = rows.map((row) => columns.map(({ type }, index) => wireValue(row[index] ?? null, type, "json")));
  return ok({
    totalRecords: result.rows.length,
    count: rows.length,
    resultTruncated: more ? "true" : "false",
    ...(pageable ? { $skipToken: sealToken(call, { ...page, offset: end }) } : {}),
    facets: [],
    data:
      format === "table"
        ? { columns: columns.map(({ name, type }) => ({ name, type: TABLE_TYPES[type] ?? "string" })), rows: values }
        : values.map((cells) => Object.fromEntries(columns.map(({ name }, index) => [name, cells[index]]))),
  });
}

/** Types as the table format names them. */
const TABLE_TYPES: Readonly<Record<string, string>> = {
  long: "integer",
  int: "integer",
  real: "number",
  decimal: "number",
  bool: "boolean",
  dynamic: "object",
  datetime: "datetime",
};
