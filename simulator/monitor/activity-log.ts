import { z } from "zod";
import { PLATFORM_LOG } from "../arm/activity";
import { badRequest } from "../arm/errors";
import { iso, ok, page, parameter } from "../arm/respond";
import { authorize } from "../arm/scope";
import type { Call } from "../context";
import type { Router, SimResponse } from "../http";
import type { LogRow } from "../model";
import { withFlatErrors } from "./flat-errors";

const PATH = "/subscriptions/{s}/providers/Microsoft.Insights/eventtypes/management/values";
const READ = "Microsoft.Insights/eventtypes/values/read";

/** How far back the platform keeps events. */
const KEPT_MS = 90 * 86_400_000;
const PAGE_SIZE = 200;

/** What a filter may ask besides the time. */
const FIELDS = [
  "resourcegroupname",
  "resourceuri",
  "resourceid",
  "resourceprovider",
  "correlationid",
  "caller",
  "status",
  "channels",
];

/**
 * `GET eventtypes/management/values`: the activity log of a subscription, newest event first. It is made of the same
 * rows as the table AzureActivity, whether a workspace receives them or not, and shows them as late.
 */
export function routeActivityLog(router: Router<Call>): void {
  router.on("GET", PATH, withFlatErrors(list));
}

function list(call: Call, params: Record<string, string>): SimResponse {
  const subscription = params.s?.toLowerCase() ?? "";
  const text = parameter(call, "$filter");
  const group = /resourceGroupName\s+eq\s+'([^']+)'/i.exec(text ?? "")?.[1];
  const scope =
    group === undefined ? `/subscriptions/${params.s}` : `/subscriptions/${params.s}/resourceGroups/${group}`;
  authorize(call, READ, scope);
  const filter = readFilter(call, text);
  const fields = readSelect(call);
  const events = rowsOf(call, subscription, filter).map((row) => ({ row, event: eventOf(call, row) }));
  const matching = events.filter(({ event }) => matches(event, filter.equals));
  // Pages go by key upwards, the log by time downwards.
  const key = ({ row, event }: (typeof matching)[number]) =>
    `${String(Number.MAX_SAFE_INTEGER - row.timeGenerated)}/${event.eventDataId}`;
  const { value, ...rest } = page(call, matching, key, PAGE_SIZE);
  return ok({ value: value.map(({ event }) => (fields ? only(event, fields) : event)), ...rest });
}

interface Filter {
  from: number;
  to: number;
  equals: Map<string, string>;
}

/** `eventTimestamp ge '...' and eventTimestamp le '...' and name eq '...'`; a beginning within 90 days is required. */
function readFilter(call: Call, text: string | undefined): Filter {
  if (text === undefined || text.trim() === "") {
    throw badRequest("The $filter query parameter is required, with a start time for eventTimestamp.");
  }
  const filter: Filter = { from: Number.NaN, to: call.now(), equals: new Map() };
  for (const part of text.split(/\s+and\s+/i)) {
    const time = /^\s*eventTimestamp\s+(ge|le)\s+'?([^'\s]+)'?\s*$/i.exec(part);
    const equal = /^\s*(\w+)\s+eq\s+'([^']*)'\s*$/i.exec(part);
    const name = (equal?.[1] ?? "").toLowerCase();
    if (time) {
      const at = Date.parse(time[2] ?? "");
      if (Number.isNaN(at)) throw badRequest(`The value '${time[2]}' of eventTimestamp is not a date and time.`);
      if (time[1]?.toLowerCase() === "ge") filter.from = at;
      else filter.to = at;
    } else if (equal && FIELDS.includes(name)) filter.equals.set(name, (equal[2] ?? "").toLowerCase());
    else throw badRequest(`The filter part '${part.trim()}' is not supported.`);
  }
  if (Number.isNaN(filter.from)) throw badRequest("The $filter must have a start time for eventTimestamp.");
  if (filter.from < call.now() - KEPT_MS) {
    throw badRequest(
      `The start time '${new Date(filter.from).toISOString()}' cannot be more than 90 days in the past.`,
    );
  }
  if (filter.to < filter.from) throw badRequest("The end time of the query is earlier than its start time.");
  return filter;
}

/** Names of the fields of an event, lower case. */
const NAMES = [
  ...["authorization", "claims", "caller", "description", "id", "eventdataid", "correlationid", "eventname"],
  ...["category", "httprequest", "level", "resourcegroupname", "resourceprovidername", "resourceid", "resourcetype"],
  ...["operationid", "operationname", "properties", "status", "substatus", "eventtimestamp", "submissiontimestamp"],
  ...["subscriptionid", "tenantid"],
];

function readSelect(call: Call): ReadonlySet<string> | undefined {
  const text = parameter(call, "$select");
  if (text === undefined || text.trim() === "") return undefined;
  const names = text.split(",").map((name) => name.trim().toLowerCase());
  const unknown = names.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw badRequest(`The property '${unknown}' of $select does not exist.`);
  return new Set(names);
}

function only(event: object, fields: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(event).filter(([name]) => fields.has(name.toLowerCase())));
}

function rowsOf(call: Call, subscription: string, { from, to }: Filter): LogRow[] {
  const now = call.now();
  const rows: LogRow[] = [];
  for (const workspaceId of [undefined, PLATFORM_LOG]) {
    const store = call.model.logRows.store("AzureActivity", workspaceId);
    for (let number = 0; number < store.length; number++) {
      const row = store.row(number);
      const inside = row.timeGenerated >= from && row.timeGenerated <= to && row.ingestedAt <= now;
      if (inside && text(row.values.SubscriptionId).toLowerCase() === subscription) rows.push(row);
    }
  }
  return rows;
}

const TextMap = z.record(z.string(), z.string());

/** The parts of a row's bag that are text; what an event shows as a map. */
function textMap(value: unknown): Record<string, string> {
  const read = TextMap.safeParse(value);
  return read.success ? read.data : {};
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function local(value: string, localizedValue = value) {
  return { value, localizedValue };
}

const LONG_OID = "http://schemas.microsoft.com/identity/claims/objectidentifier";
const LONG_UPN = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn";

function claimsOf(values: Record<string, unknown>): Record<string, string> {
  const { oid, appid, upn } = textMap(values.Claims_d);
  return {
    aud: "https://management.azure.com/",
    ...(oid === undefined ? {} : { [LONG_OID]: oid }),
    ...(upn === undefined ? {} : { [LONG_UPN]: upn, name: upn }),
    ...(appid === undefined ? {} : { appid }),
  };
}

/** Ticks of 100 nanoseconds since the year 1, as the ids of events carry them. */
function ticks(at: number): string {
  return String(621_355_968_000_000_000n + BigInt(at) * 10_000n);
}

function eventOf(call: Call, { timeGenerated, values }: LogRow) {
  const { scope = "", action = "" } = textMap(values.Authorization_d);
  const id = text(values.EventDataId);
  const started = text(values.ActivityStatusValue) === "Start";
  const subStatus = text(values.ActivitySubstatusValue);
  return {
    authorization: { action, scope },
    caller: text(values.Caller),
    claims: claimsOf(values),
    correlationId: text(values.CorrelationId),
    description: "",
    eventDataId: id,
    eventName: started ? local("BeginRequest", "Begin request") : local("EndRequest", "End request"),
    category: local(text(values.CategoryValue)),
    httpRequest: { clientRequestId: text(values.CorrelationId), clientIpAddress: text(values.CallerIpAddress) },
    id: `${scope}/events/${id}/ticks/${ticks(timeGenerated)}`,
    level: "Informational",
    resourceGroupName: text(values.ResourceGroup),
    resourceProviderName: local(action.split("/")[0] ?? ""),
    resourceId: scope,
    resourceType: local(action.split("/").slice(0, -1).join("/")),
    operationId: text(values.CorrelationId),
    operationName: local(action, text(values.OperationName)),
    properties: { entity: scope, ...(started ? {} : { statusCode: subStatus }) },
    status: local(started ? "Started" : text(values.ActivityStatus)),
    subStatus: local(subStatus),
    eventTimestamp: iso(timeGenerated),
    submissionTimestamp: iso(timeGenerated),
    subscriptionId: text(values.SubscriptionId),
    tenantId: call.identity.tenantId,
  };
}

function matches(event: ReturnType<typeof eventOf>, equals: ReadonlyMap<string, string>): boolean {
  const values: Record<string, string> = {
    resourcegroupname: event.resourceGroupName,
    resourceuri: event.resourceId,
    resourceid: event.resourceId,
    resourceprovider: event.resourceProviderName.value,
    correlationid: event.correlationId,
    caller: event.caller,
    status: event.status.value,
  };
  return [...equals].every(([name, wanted]) => name === "channels" || values[name]?.toLowerCase() === wanted);
}
