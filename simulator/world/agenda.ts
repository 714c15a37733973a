import type { AuditEvent } from "../loganalytics/row-shape";
import { secretDeletedAt } from "./objects";
import { Random } from "./random";
import { certificateTimeline, keyTimeline, secretTimeline, type VersionPlan } from "./timeline";
import { allowed, event, innerAddress, objectUri, type TrafficSource } from "./traffic-source";
import { USER_AGENTS } from "./words";

/*
 * What the log must hold because the vault shows it: the versions that were written lately, the objects that were
 * deleted lately, and the platform's notices of what expires. Decoys are never in it.
 */

const DAY = 86_400_000;
/** How far back from the first start anybody could ask. */
const MEMORY_MS = 95 * DAY;
/** The platform says so this long before the end. */
const NOTICE_MS = 30 * DAY;

type What = "secret set" | "secret deleted" | "key made" | "certificate renewed" | "near expiry" | "expired";

/** One such moment. */
export interface Appointment {
  at: number;
  what: What;
  kind: "secret" | "key" | "certificate";
  name: string;
  version: string;
}

/** The moments of a vault, oldest first; a pure function of seed and vault. */
export function agendaOf(source: TrafficSource): Appointment[] {
  const { seed, plan, habits, firstStart } = source;
  const found: Appointment[] = [];
  const since = firstStart - MEMORY_MS;
  const add = (at: number, what: What, kind: Appointment["kind"], name: string, version: string) => {
    if (at >= since) found.push({ at, what, kind, name, version });
  };
  const versions = (kind: Appointment["kind"], made: What, name: string, timeline: VersionPlan[]) => {
    for (const { version, created } of timeline) add(created, made, kind, name, version);
    const newest = timeline.at(-1);
    if (newest?.expires === undefined || !newest.enabled) return;
    add(newest.expires - NOTICE_MS, "near expiry", kind, name, newest.version);
    add(newest.expires, "expired", kind, name, newest.version);
  };
  for (const name of plan.secrets)
    versions("secret", "secret set", name, secretTimeline(seed, plan, habits, name, firstStart));
  for (const name of plan.keys) versions("key", "key made", name, keyTimeline(seed, plan, habits, name, firstStart));
  for (const name of plan.certificates)
    versions("certificate", "certificate renewed", name, certificateTimeline(seed, plan, habits, name, firstStart));
  for (const name of plan.deleted) {
    const at = secretDeletedAt(seed, plan, name, firstStart);
    for (const { version, created } of secretTimeline(seed, plan, habits, name, at))
      add(created, "secret set", "secret", name, version);
    add(at, "secret deleted", "secret", name, "");
  }
  return found.sort((a, b) => a.at - b.at);
}

/** The row of such a moment. */
export function appointmentRow(source: TrafficSource, { at, what, kind, name, version }: Appointment): AuditEvent {
  const random = new Random(`${source.seed}/agenda/${source.plan.index}/${kind}/${name}/${at}`);
  const uri = objectUri(source, `${kind}s`, name);
  const byPipeline = {
    ...allowed(source, source.grants.pipeline),
    caller: source.callers.pipeline,
    callerAddress: source.onlyAddress ?? `198.51.100.${random.int(1, 254)}`,
    userAgent: USER_AGENTS.pipeline,
    status: 200,
    objectUri: `${uri}/${version}`,
  };
  switch (what) {
    case "secret set":
      return event(random, source, { ...byPipeline, operation: "SecretSet", requestUri: `${uri}?api-version=7.4` });
    case "key made":
      return event(random, source, {
        ...byPipeline,
        operation: "KeyCreate",
        requestUri: `${uri}/create?api-version=7.4`,
      });
    case "secret deleted":
      return event(random, source, {
        ...allowed(source, source.grants.contact),
        caller: source.callers.contact,
        callerAddress: innerAddress(random, source),
        userAgent: USER_AGENTS.portal,
        status: 200,
        operation: "SecretDelete",
        requestUri: `${uri}?api-version=7.4`,
        objectUri: uri,
      });
    case "certificate renewed":
      return event(random, source, {
        operation: "CertificateRenew",
        status: 200,
        requestUri: uri,
        objectUri: `${uri}/${version}`,
        userAgent: USER_AGENTS.platform,
      });
    default:
      return event(random, source, {
        operation: noticeName(kind, what),
        status: 200,
        requestUri: uri,
        objectUri: `${uri}/${version}`,
        userAgent: USER_AGENTS.platform,
      });
  }
}

/** `SecretNearExpiryEventGridNotification` and its like: written by the platform, and no access by anybody. */
function noticeName(kind: Appointment["kind"], what: What): string {
  const noun = kind === "secret" ? "Secret" : kind === "key" ? "Key" : "Certificate";
  return `${noun}${what === "expired" ? "Expired" : "NearExpiry"}EventGridNotification`;
}
