import "server-only";
import { gzipSync } from "node:zlib";
import type { z } from "zod";
import { type KqlValue, letPrologue } from "@/lib/azure/kql-literal.pure";
import { type LogOutcome, queryLogsBatch } from "@/lib/azure/logs";
import type { UserContext } from "@/lib/context";
import { readingWatchlist, readKql, withoutComments } from "@/lib/kql-files";
import { AddressRow, ColleagueRow, ReadRow, SilentRow, TouchRow } from "./incident-rows";
import type { Subject } from "./subject";

const TOUCH_QUERIES = ["activity", "callers", "reads", "colleagues"] as const;
type TouchQuery = (typeof TOUCH_QUERIES)[number];

/** Every query behind a page of an incident: those about a touch, and the one about silence. */
export const INCIDENT_QUERIES = [...TOUCH_QUERIES, "silent"] as const;
export type IncidentQuery = (typeof INCIDENT_QUERIES)[number];

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Who normally works on a vault, and where a caller came from before. */
const BEFORE_DAYS = 30;
/** What is read by the same hands around a touch is in doubt; what was read a day apart, less. */
const READS_AROUND = DAY;
/** As far back as the rule about silence looks. */
const SILENCE_BEFORE_DAYS = 3;
/** Browsers and proxies take addresses of 8 kB; the portal's own share links stay below that. */
const LINK_MAX = 8_000;

/** The text of a query, without comments. */
export function incidentQuery(name: IncidentQuery): string {
  return withoutComments(readKql(`lib/incidents/queries/incident-${name}.kql`));
}

/** A query as it was sent: with its parameters, and how far back it looks. */
export interface SentQuery {
  name: IncidentQuery;
  /** `let` lines and the query. */
  text: string;
  /** Opens it in the portal, ready to run; undefined where the address would be too long. */
  link: string | undefined;
}

/** What the logs say about an incident, each part for itself. */
export interface IncidentLogs {
  activity: LogOutcome<TouchRow>;
  callers: LogOutcome<AddressRow>;
  reads: LogOutcome<ReadRow>;
  colleagues: LogOutcome<ColleagueRow>;
  sent: SentQuery[];
}

/**
 * Asks all queries of an incident in one call, with the person's own token.
 *
 * @param minutes how far the window reaches to either side of the first touch
 */
export async function askIncidentLogs(ctx: UserContext, subject: Subject, minutes: number): Promise<IncidentLogs> {
  const parameters = parametersOf(subject, minutes);
  const timespan = timespanOf(parameters, ctx.now());
  const query = <T>(name: TouchQuery, schema: z.ZodType<T>) => ({
    kql: incidentQuery(name),
    parameters: parameters[name],
    timespan,
    schema,
    allowPartial: true,
  });
  const [activity, callers, reads, colleagues] = await queryLogsBatch<[TouchRow, AddressRow, ReadRow, ColleagueRow]>(
    ctx.asUser,
    ctx.config.workspace.customerId,
    [
      query("activity", TouchRow),
      query("callers", AddressRow),
      query("reads", ReadRow),
      query("colleagues", ColleagueRow),
    ],
  );
  const sent = TOUCH_QUERIES.map((name) => sentQuery(ctx, name, parameters[name], timespan));
  return { activity, callers, reads, colleagues, sent };
}

/** What the logs say about silence. */
export interface SilenceLogs {
  silent: LogOutcome<SilentRow>;
  sent: SentQuery[];
}

/**
 * Asks which vaults had fallen silent when the alert was raised, and whether they still are, with the person's own token.
 *
 * @param named normalised ids of the vaults that the alerts name; none where they speak of all at once
 * @param at when the incident was made
 */
export async function askSilence(ctx: UserContext, named: readonly string[], at: Date): Promise<SilenceLogs> {
  const since = new Date(at.getTime() - SILENCE_BEFORE_DAYS * DAY);
  const parameters = { named, at, since, upTo: ctx.now() };
  const timespan = backTo(since, ctx.now());
  const kql = readingWatchlist(incidentQuery("silent"), ctx.config.watchlistAlias);
  const [silent] = await queryLogsBatch<[SilentRow]>(ctx.asUser, ctx.config.workspace.customerId, [
    { kql, parameters, timespan, schema: SilentRow, allowPartial: true },
  ]);
  return { silent, sent: [sentQuery(ctx, "silent", parameters, timespan, kql)] };
}

function sentQuery(
  ctx: UserContext,
  name: IncidentQuery,
  parameters: Parameters,
  timespan: string,
  kql = incidentQuery(name),
): SentQuery {
  const text = `${letPrologue(parameters)}${kql}`;
  return { name, text, link: portalLink(ctx, text, timespan) };
}

type Parameters = Record<string, KqlValue> & { since: Date };

function parametersOf(subject: Subject, minutes: number): Record<TouchQuery, Parameters> {
  const { callers, tokenKeys, vaults, firstTouch, lastTouch } = subject;
  const first = firstTouch.getTime();
  const last = lastTouch.getTime();
  const windowFrom = new Date(first - minutes * MINUTE);
  const windowTo = new Date(first + minutes * MINUTE);
  const later = new Date(Math.max(windowTo.getTime(), last + MINUTE));
  const before = new Date(first - BEFORE_DAYS * DAY);
  return {
    activity: { callers, touched: tokenKeys, windowFrom, windowTo, since: windowFrom, upTo: later },
    callers: { callers, since: before, upTo: later },
    reads: {
      callers,
      firstTouch,
      since: new Date(Math.min(windowFrom.getTime(), first - READS_AROUND)),
      upTo: new Date(Math.max(later.getTime(), last + READS_AROUND)),
    },
    colleagues: { callers, vaults, since: before, upTo: firstTouch },
  };
}

function timespanOf(parameters: Record<TouchQuery, Parameters>, now: Date): string {
  return backTo(new Date(Math.min(...Object.values(parameters).map((one) => one.since.getTime()))), now);
}

/** Whole days back from now that reach everything; the service cuts rows outside of it before the query sees them. */
function backTo(since: Date, now: Date): string {
  return `P${Math.max(1, Math.ceil((now.getTime() - since.getTime()) / DAY) + 1)}D`;
}

/** The portal takes a query in an address as base64 of its gzip. */
function portalLink({ config }: Pick<UserContext, "config">, text: string, timespan: string): string | undefined {
  const packed = encodeURIComponent(gzipSync(text).toString("base64"));
  const workspace = encodeURIComponent(config.workspace.resourceId);
  const link = [
    `${config.cloud.portal}/#@${config.tenantId}/blade/Microsoft_Azure_Monitoring_Logs/LogsBlade/resourceId/${workspace}`,
    `source/LogsBlade.AnalyticsShareLinkToQuery/q/${packed}/timespan/${timespan}`,
  ].join("/");
  return link.length > LINK_MAX ? undefined : link;
}
