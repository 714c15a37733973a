import "server-only";
import { type IncidentAlert, listIncidentEntities } from "@/lib/azure/incident-contents";
import { listIncidentComments, type SentinelIncident } from "@/lib/azure/incidents";
import type { UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { auditReading } from "@/lib/store/audit";
import type { ChangeInput } from "./change.pure";
import type { Activity, IncidentView, TouchedDecoy } from "./incident.pure";
import {
  askIncidentLogs,
  askSilence,
  type IncidentLogs,
  type SentQuery,
  type SilenceLogs,
} from "./internal/incident-batch";
import {
  activityOf,
  callersOf,
  colleaguesOf,
  noPart,
  partOf,
  problemOf,
  readsOf,
  silentOf,
} from "./internal/incident-parts";
import { knownDecoys } from "./internal/known-decoys";
import { requireOurs } from "./internal/ours";
import { defenderNumber, type Kept, keptFrom, stateOf } from "./internal/state";
import { type Subject, subjectOf } from "./internal/subject";
import { incidentSentence } from "./sentence.pure";
import { listSteps } from "./steps";
import { type ChangedIncident, changeIncident } from "./write-back";

const MINUTE = 60_000;
/** Rows of each part; the queries ask for one more. */
const SHOWN = { activity: 2_000, callers: 199, reads: 1_000, colleagues: 100, silent: 200 };

/**
 * Everything about one of our incidents (GUID), with the person's own token: a few reads of Sentinel and one batch of log
 * queries. A part that fails says so and leaves the others as they are. Reading is audited once an hour.
 *
 * @throws AppError `not_found` for an incident that is not ours, and what Azure refuses about the incident itself
 */
export async function readIncident(
  ctx: UserContext,
  { id, minutes }: { id: string; minutes: number },
): Promise<IncidentView> {
  const { sentinel, alerts, about } = await requireOurs(ctx, id);
  const [entities, { kept, comments }, steps] = await Promise.all([
    settled(listIncidentEntities(ctx.asUser, ctx.config.workspace.resourceId, id)),
    standing(ctx, sentinel),
    listSteps(ctx.db, id, about, ctx.user.oid),
  ]);
  const subject = subjectOf(alerts, entities.ok ? entities.value : [], sentinel.firstActivityAt ?? sentinel.createdAt);
  const alert = alerts[0]?.title || sentinel.title;
  const found =
    about === "silence"
      ? await silenceParts(ctx, subject, { alert, madeAt: sentinel.createdAt })
      : await touchParts(ctx, subject, { alert, minutes });
  await auditReading(ctx.db, { by: ctx.user, action: "incident.read", what: { incident: id } }, ctx.now());
  const now: Kept = kept.ok ? kept.value : { through: "sentinel", sentinel };
  const { firstTouch } = subject;
  return {
    id: sentinel.name,
    number: sentinel.number,
    title: now.through === "defender" ? now.defender.title : sentinel.title,
    description: subject.tokenKeys.length === 0 ? descriptionOf(alerts) : "",
    about,
    through: defenderNumber(sentinel) === undefined ? "sentinel" : "defender",
    url: portalUrl(ctx, sentinel),
    createdAt: sentinel.createdAt,
    firstTouch: firstTouch.toISOString(),
    state: stateOf(now),
    stateProblem: kept.ok ? null : problemOf(kept.error),
    comments: comments.ok
      ? { ok: true, rows: comments.value, more: false, partial: null }
      : { ok: false, problem: problemOf(comments.error) },
    vaults: subject.vaults,
    entitiesProblem: entities.ok ? null : problemOf(entities.error),
    window: {
      minutes,
      from: new Date(firstTouch.getTime() - minutes * MINUTE).toISOString(),
      to: new Date(firstTouch.getTime() + minutes * MINUTE).toISOString(),
    },
    ...found,
    steps,
    me: { oid: ctx.user.oid, name: ctx.user.name, upn: ctx.user.upn ?? null },
  };
}

type FromLogs = Pick<
  IncidentView,
  "sentence" | "decoys" | "silent" | "activity" | "callers" | "reads" | "colleagues" | "queries"
>;

/** What the logs say about a touch, or about anything else that somebody did. */
async function touchParts(
  ctx: UserContext,
  subject: Subject,
  { alert, minutes }: { alert: string; minutes: number },
): Promise<FromLogs> {
  const logs = await askLogs(ctx, subject, minutes);
  const { isDecoy, liveAt } = await knownDecoys(ctx.db, subject.tokenKeys, addressesIn(logs));
  const { firstTouch } = subject;
  const activity = partOf(logs.activity, SHOWN.activity, (rows) => activityOf(rows, isDecoy));
  const callers = partOf(logs.callers, SHOWN.callers, (rows) =>
    callersOf(rows, subject.callers, firstTouch, ctx.config.cloud),
  );
  const decoys = subject.tokenKeys.map((key) => touched(key, liveAt(key)));
  return {
    sentence: incidentSentence({
      callers: callers.ok ? callers.rows : subject.callers.map(unnamed),
      touches: activity.ok ? touchesOf(activity.rows, subject) : [],
      log: activity.ok ? (activity.more || activity.partial ? "part" : "whole") : "unread",
      decoys: decoys.map(({ name }) => name),
      vaults: subject.vaults,
      firstTouch: firstTouch.toISOString(),
      alert,
    }),
    decoys,
    silent: noPart(),
    activity,
    callers,
    reads: partOf(logs.reads, SHOWN.reads, (rows) => readsOf(rows, isDecoy)),
    colleagues: partOf(logs.colleagues, SHOWN.colleagues, colleaguesOf),
    queries: asShown(logs.sent),
  };
}

/** What the logs say about vaults from which nothing came any more. Nobody called, so there is nobody to look for. */
async function silenceParts(
  ctx: UserContext,
  { vaults, firstTouch }: Subject,
  { alert, madeAt }: { alert: string; madeAt: string },
): Promise<FromLogs> {
  const asked = await settled(askSilence(ctx, vaults, new Date(madeAt)));
  const { silent, sent }: SilenceLogs = asked.ok ? asked.value : { silent: asked, sent: [] };
  return {
    sentence: incidentSentence({
      callers: [],
      touches: [],
      log: "whole",
      decoys: [],
      vaults,
      firstTouch: firstTouch.toISOString(),
      alert,
    }),
    decoys: [],
    silent: partOf(silent, SHOWN.silent, silentOf),
    activity: noPart(),
    callers: noPart(),
    reads: noPart(),
    colleagues: noPart(),
    queries: asShown(sent),
  };
}

const asShown = (sent: readonly SentQuery[]): IncidentView["queries"] =>
  sent.map(({ name, text, link }) => ({ name, text, link: link ?? null }));

/** What the newest alert says of itself: a rule that goes on raising alerts says more with each. */
function descriptionOf(alerts: readonly IncidentAlert[]): string {
  const newest = alerts.toSorted((a, b) => (b.startedAt ?? "").localeCompare(a.startedAt ?? ""));
  return newest.find(({ description }) => description !== "")?.description ?? "";
}

/** Changes one of our incidents as this person. Throws as `changeIncident`, and `not_found` for another's. */
export async function changeOwnIncident(
  ctx: UserContext,
  { id, etag, change }: ChangeInput,
): Promise<Pick<ChangedIncident, "commentProblem">> {
  await requireOurs(ctx, id);
  const { commentProblem } = await changeIncident(ctx, ctx.asUser, { by: ctx.user, incidentName: id, etag, change });
  return commentProblem ? { commentProblem } : {};
}

/** How the incident stands where it is kept, and its comments, which the Defender portal gives along with it. */
async function standing(ctx: UserContext, sentinel: SentinelIncident) {
  const kept = await settled(keptFrom(ctx.asUser, sentinel));
  if (kept.ok && kept.value.through === "defender")
    return { kept, comments: { ok: true as const, value: kept.value.defender.comments } };
  const { resourceId } = ctx.config.workspace;
  return { kept, comments: await settled(listIncidentComments(ctx.asUser, resourceId, sentinel.name)) };
}

/** The call as a whole may fail; each of its parts then fails for the same reason. */
async function askLogs(ctx: UserContext, subject: Subject, minutes: number): Promise<IncidentLogs> {
  const asked = await settled(askIncidentLogs(ctx, subject, minutes));
  if (asked.ok) return asked.value;
  const failed = { ok: false as const, error: asked.error };
  return { activity: failed, callers: failed, reads: failed, colleagues: failed, sent: [] };
}

async function settled<T>(promise: Promise<T>): Promise<{ ok: true; value: T } | { ok: false; error: AppError }> {
  try {
    return { ok: true, value: await promise };
  } catch (error) {
    if (error instanceof AppError) return { ok: false, error };
    throw error;
  }
}

/** A caller of whom only what the alert says is known, since the log could not be read. */
function unnamed(caller: string) {
  return { caller, kind: "unknown" as const, upn: null, managedIdentity: null, appIds: [] };
}

/** The addresses that the rows of the log are about. */
function addressesIn({ activity, reads }: IncidentLogs): string[] {
  return [...(activity.ok ? activity.rows : []), ...(reads.ok ? reads.rows : [])].map(({ TokenKey }) => TokenKey);
}

function touched(tokenKey: string, decoyId: string | null): TouchedDecoy {
  const [name = "", kind = "", ...vault] = tokenKey.split("/").reverse();
  return { tokenKey, name, kind, vaultId: vault.reverse().join("/"), decoyId };
}

/** Touches of this incident; another honeytoken that the caller touched is marked, and has an incident of its own. */
function touchesOf(rows: readonly Activity[], { tokenKeys }: Subject): Activity[] {
  return rows.filter(({ tokenKey }) => tokenKeys.includes(tokenKey));
}

/** Its page where it is kept; an address that leads elsewhere is none. */
function portalUrl({ config }: UserContext, { providerUrl, url }: SentinelIncident): string | null {
  const { portal, defenderPortal } = config.cloud;
  const fits = (text: string | undefined) => {
    if (text === undefined || !URL.canParse(text)) return false;
    return [portal, defenderPortal].includes(new URL(text).origin);
  };
  return [providerUrl, url].find(fits) ?? null;
}
