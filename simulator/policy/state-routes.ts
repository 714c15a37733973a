import { z } from "zod";
import { badRequest } from "../arm/errors";
import { ok, parameter } from "../arm/respond";
import type { Call } from "../context";
import { derivedGuid } from "../derived-id";
import type { Router, SimResponse } from "../http";
import type { Model } from "../model";
import { FilterError } from "../odata/tokens";
import { applied, columnsOf, ordered, selectedNames } from "./state-apply";
import { COLUMN_NAMES, type StateRow, stateRow } from "./state-columns";
import { rowFilter } from "./state-filter";
import { findingsAt } from "./state-scope";
import { summarize } from "./summarize";

const STATES = "/{scope*}/providers/Microsoft.PolicyInsights/policyStates";
const HOST = "https://management.azure.com";
const QUERY = [
  "Microsoft.PolicyInsights/policyStates/queryResults/action",
  "Microsoft.PolicyInsights/policyStates/queryResults/read",
] as const;

/** Records of one page. */
const PAGE = 1000;

/** Compliance states: queries and summaries, at every scope. */
export function routePolicyStates(router: Router<Call>): void {
  router.on("POST", `${STATES}/{r}/queryResults`, (call, params) => {
    const resource = (params.r ?? "").toLowerCase();
    // The history of states is not kept: both names answer the latest ones.
    if (resource !== "latest" && resource !== "default") throw unknownResource(params.r ?? "");
    const rows = () => findingsAt(call, params.scope ?? "", QUERY).map((finding) => stateRow(call, finding));
    return answer(call, params, resource, rows);
  });

  router.on("POST", `${STATES}/{r}/summarize`, (call, params) => {
    if ((params.r ?? "").toLowerCase() !== "latest") throw unknownResource(params.r ?? "");
    return ok(summarize(call, params.scope ?? "", timeTest(call)));
  });
}

function unknownResource(name: string) {
  return badRequest(`The policy states resource '${name.slice(0, 100)}' is not known.`, "InvalidPolicyStatesResource");
}

interface Kept {
  caller: string;
  rows: readonly StateRow[];
  names: readonly string[];
}

const results = new WeakMap<Model, Map<string, Kept>>();
/** Results kept for further pages; older ones are forgotten first. */
const KEPT_MAX = 20;

const Token = z.object({ result: z.string(), offset: z.int().min(0) });

function answer(call: Call, params: Record<string, string>, resource: string, rows: () => StateRow[]): SimResponse {
  const token = readToken(call);
  const id = token?.result ?? derivedGuid(call, "policy states");
  const kept = token ? results.get(call.model)?.get(token.result) : { caller: call.caller.oid, ...query(call, rows()) };
  if (kept?.caller !== call.caller.oid) throw invalid("skiptoken", parameter(call, "$skiptoken") ?? "");
  const offset = token?.offset ?? 0;
  const page = kept.rows.slice(offset, offset + PAGE);
  const more = offset + PAGE < kept.rows.length;
  if (more) keep(call, id, kept);
  const context = `${HOST}${params.scope}/providers/Microsoft.PolicyInsights/policyStates/$metadata#${resource}`;
  return ok({
    "@odata.nextLink": more ? nextLink(call, { result: id, offset: offset + PAGE }) : null,
    "@odata.context": context,
    "@odata.count": page.length,
    value: page.map((row) => ({
      "@odata.id": null,
      "@odata.context": `${context}/$entity`,
      ...Object.fromEntries(kept.names.map((name) => [name, row.get(name) ?? null])),
    })),
  });
}

function query(call: Call, rows: StateRow[]): Omit<Kept, "caller"> {
  const within = timeTest(call);
  let found = within ? rows.filter((row) => within(String(row.get("timestamp")))) : rows;
  let names: readonly string[] = COLUMN_NAMES;
  const option = (name: string, use: (text: string) => void) => {
    const text = parameter(call, `$${name}`);
    if (text === undefined || text.trim() === "") return;
    try {
      use(text);
    } catch (error) {
      if (error instanceof FilterError) throw invalid(name, text, error.message);
      throw error;
    }
  };
  option("filter", (text) => {
    found = found.filter(rowFilter(text, names));
  });
  option("apply", (text) => {
    found = applied(text, found, names);
    names = columnsOf(found, names);
  });
  // The newest states come first; rows that were grouped come as they were met.
  option("orderby", (text) => {
    found = ordered(text, found, names);
  });
  option("select", (text) => {
    names = selectedNames(text, names);
  });
  option("top", (text) => {
    const top = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(top >= 0)) throw invalid("top", text);
    found = found.slice(0, top);
  });
  return { rows: found, names };
}

/** `$from` and `$to` bound the time of the states. */
function timeTest(call: Call): ((timestamp: string) => boolean) | undefined {
  const bound = (name: "from" | "to"): number | undefined => {
    const text = parameter(call, `$${name}`);
    if (text === undefined) return undefined;
    const at = Date.parse(text);
    if (Number.isNaN(at)) throw invalid(name, text);
    return at;
  };
  const from = bound("from");
  const to = bound("to");
  if (from === undefined && to === undefined) return undefined;
  return (timestamp) => {
    const at = Date.parse(timestamp);
    return (from === undefined || at >= from) && (to === undefined || at <= to);
  };
}

function invalid(option: string, text: string, why = "") {
  const name = `${option.charAt(0).toUpperCase()}${option.slice(1)}`;
  return badRequest(
    `Invalid $${option} '${text.slice(0, 500)}' in query string.${why === "" ? "" : ` ${why}`}`,
    `Invalid${name}InQueryString`,
  );
}

function keep({ model }: Call, id: string, kept: Kept): void {
  const all = results.get(model) ?? new Map<string, Kept>();
  results.set(model, all);
  all.set(id, kept);
  for (const oldest of all.keys()) {
    if (all.size <= KEPT_MAX) break;
    all.delete(oldest);
  }
}

function nextLink(call: Call, token: z.infer<typeof Token>): string {
  const text = Buffer.from(JSON.stringify(token)).toString("base64url");
  const version = parameter(call, "api-version") ?? "";
  return `${HOST}${encodeURI(call.request.path)}?api-version=${version}&$skiptoken=${text}`;
}

function readToken(call: Call): z.infer<typeof Token> | undefined {
  const text = parameter(call, "$skiptoken");
  if (text === undefined) return undefined;
  try {
    return Token.parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
  } catch {
    throw invalid("skiptoken", text);
  }
}
