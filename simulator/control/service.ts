import type { Timekeeper } from "../clock";
import type { Context } from "../context";
import { routeFaults } from "../faults/routes";
import { AzureError, Router, type SimRequest, type SimResponse } from "../http";
import type { LogRow, Model, VaultObject } from "../model";
import { routeTls } from "../tls/start";
import { backgroundRows } from "../world/background";
import { worldIds } from "../world/ids";
import { routeClock } from "./clock";
import type { RequestCounters } from "./counters";
import { routeDefenderControl } from "./defender";
import { routeFill } from "./fill";
import { routeFillIncidents } from "./fill-incidents";
import { routeControlPage } from "./page/routes";
import { routePlays } from "./plays";
import { routeQuery } from "./query";
import { routeReplay } from "./replay";
import { refuseForeignPages } from "./same-origin";

interface ControlCall {
  request: SimRequest;
  context: Context;
  counters: RequestCounters;
  timekeeper: Timekeeper;
}

const router = new Router<ControlCall>()
  .on("GET", "/sim/health", () => ({ status: 200, body: { status: "ok", pid: process.pid } }))
  .on("GET", "/sim/tenant", ({ context }) => ({ status: 200, body: tenantNote(context) }))
  .on("GET", "/sim/collections", ({ context }) => ({ status: 200, body: collectionSizes(context.model) }))
  .on("GET", "/sim/collections/{name}", ({ context }, { name = "" }) => collection(context.model, name))
  .on("GET", "/sim/requests", ({ counters }) => ({ status: 200, body: counters.report() }))
  .on("POST", "/sim/requests/reset", ({ counters }) => {
    counters.reset();
    return { status: 204 };
  })
  .on("GET", "/sim/log-rows", ({ context, request }) => logRows(context, request.query));

routeFaults(router);
routeFill(router);
routeReplay(router);
routeFillIncidents(router);
routeTls(router);
routeClock(router);
routePlays(router);
routeQuery(router);
routeDefenderControl(router);
routeControlPage(router);

/** What no Azure has: the tenant as it really is, for those who test against it. Loopback only, read only. */
export async function handleControl(
  request: SimRequest,
  context: Context,
  counters: RequestCounters,
  timekeeper: Timekeeper,
): Promise<SimResponse> {
  refuseForeignPages(request);
  const match = router.match(request.method, request.path);
  if (match === "path") throw new AzureError(404, "NotFound", "There is no such control route.");
  if (match === "method") throw new AzureError(405, "MethodNotAllowed", "The control route has no such method.");
  return match.handler({ request, context, counters, timekeeper }, match.params);
}

/** Everything that a product needs to know to use this tenant as its own. Holds no secret. */
function tenantNote(context: Context) {
  const { identity, settings, model } = context;
  const ids = worldIds(context);
  return {
    tenantId: identity.tenantId,
    spaClientId: identity.spaClientId,
    apiClientId: identity.apiClientId,
    workspace: ids.workspace,
    identities: Object.fromEntries(
      Object.entries(ids.identities).map(([name, { clientId, objectId }]) => [name, { clientId, objectId }]),
    ),
    plantRoleId: ids.plantRoleId,
    retireRoleId: ids.retireRoleId,
    watchlistAlias: ids.watchlistAlias,
    vaults: settings.vaults,
    seed: settings.seed,
    firstStart: new Date(identity.firstStart).toISOString(),
    delays: settings.delays,
    personas: [...model.principals.values()]
      .filter((principal) => principal.persona !== undefined)
      .map(({ persona, upn, oid }) => ({ label: persona, upn, oid })),
  };
}

function collectionSizes(model: Model) {
  return Object.fromEntries(Object.entries(model).map(([name, documents]) => [name, documents.size]));
}

function collection(model: Model, name: string): SimResponse {
  const wanted = name.toLowerCase();
  if (wanted === "objects") return documents("objects", model.objects.entries(), withoutValues);
  // The key of a session or refresh token is a digest of it, and the session id ties tokens together.
  if (wanted === "sessions" || wanted === "refreshtokens") {
    const key = wanted === "sessions" ? "sessions" : "refreshTokens";
    const plain = [...model[key].values()].map(({ oid, expiresAt }) => ({ oid, expiresAt }));
    return { status: 200, body: { name: key, count: plain.length, documents: plain } };
  }
  for (const [key, found] of Object.entries(model)) {
    if (key.toLowerCase() === wanted) return documents(key, found.entries(), (document: object) => document);
  }
  throw new AzureError(404, "NotFound", `There is no collection ${name.slice(0, 60)}.`);
}

function documents<T extends object>(
  name: string,
  entries: Iterable<[string, T]>,
  show: (document: T) => object,
): SimResponse {
  const list = Array.from(entries, ([key, document]) => ({ key, ...show(document) }));
  return { status: 200, body: { name, count: list.length, documents: list } };
}

function withoutValues(object: VaultObject): VaultObject {
  return { ...object, versions: object.versions.map(({ value: _, ...version }) => version) };
}

/** Rows of one vault, or all: what a query can see and what is still on its way. `background=true` adds daily traffic. */
function logRows(context: Context, query: URLSearchParams): SimResponse {
  const vault = query.get("vault")?.toLowerCase();
  const now = context.now();
  const rows: LogRow[] = [...context.model.logRows.values()];
  if (query.get("background") === "true") {
    const month = now - 30 * 86_400_000;
    for (const table of ["AzureDiagnostics", "AZKVAuditLogs"] as const)
      rows.push(...backgroundRows(context, table, month, now));
  }
  const found = rows
    .filter((row) => vault === undefined || concerns(row, vault))
    .sort((a, b) => a.timeGenerated - b.timeGenerated)
    .map((row) => ({ ...row, pending: row.ingestedAt > now }));
  return { status: 200, body: { count: found.length, rows: found } };
}

function concerns(row: LogRow, vault: string): boolean {
  const id = String(row.values._ResourceId ?? row.values.ResourceId ?? "").toLowerCase();
  return `${id}/`.includes(`/vaults/${vault}/`);
}
