import { ofVault } from "../by-vault";
import type { Context } from "../context";
import type { AuditCaller, AuditEvent } from "../loganalytics/row-shape";
import type { ObjectKind, ObjectVersion, VaultObject } from "../model";
import { Random } from "./random";
import { isWeekend } from "./rhythm";
import { allowed, challenge, event, innerAddress, objectUri, type TrafficSource } from "./traffic-source";
import { USER_AGENTS } from "./words";

/*
 * Machines that read everything in a vault and so touch its decoys without any harm in mind: an application that loads
 * all secrets when it starts, the nightly backup, an agent that copies all secrets elsewhere. Which vaults have one is
 * in `scenarios.ts`. They meet what the vault really held at the time, also what was planted while the tenant ran. What
 * was purged since is forgotten with all that read it.
 */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Objects on one page of a list. */
const PAGE = 25;

/** One run of such a machine: when it begins, and its calls, worked out when they are wanted. */
export interface BulkRun {
  at: number;
  events(): AuditEvent[];
}

/** The runs of a vault's machine on one day (days since 1970); none on most vaults. */
export function bulkRuns(context: Context, source: TrafficSource, day: number): BulkRun[] {
  const { bulkReader } = source.plan;
  if (bulkReader === undefined) return [];
  const random = new Random(`${source.seed}/bulk/${source.plan.index}/${day}`);
  const start = day * DAY;
  if (bulkReader === "backup") {
    const at = start + HOUR + (source.plan.index % 50) * 60_000 + random.int(0, 90_000);
    return [{ at, events: () => backup(context, random, source, at) }];
  }
  if (bulkReader === "sync") {
    const at = start + 5 * HOUR + (source.plan.index % 40) * 60_000 + random.int(0, 60_000);
    return [{ at, events: () => copyAll(context, random, source, at, "sync") }];
  }
  // Twice a week somebody deploys, and now and then a machine is replaced in the night.
  if (!random.chance(isWeekend(start) ? 0.08 : 0.4)) return [];
  const at = start + (isWeekend(start) ? random.int(0, 22) : random.int(7, 16)) * HOUR + random.int(0, HOUR - 1);
  return [{ at, events: () => copyAll(context, random, source, at, "workload") }];
}

interface Machine {
  caller: AuditCaller;
  callerAddress: string;
  userAgent: string;
}

/** What the vault held at a time: live then, with the version that was the newest then, sorted as lists are. */
function objectsAt(context: Context, source: TrafficSource, kind: ObjectKind, at: number) {
  const found: { object: VaultObject; version: ObjectVersion }[] = [];
  for (const object of ofVault(context.model.objects, source.plan.id)) {
    if (object.kind !== kind || (object.deletedAt !== undefined && object.deletedAt <= at)) continue;
    const version = object.versions.findLast(({ created }) => created <= at);
    if (version) found.push({ object, version });
  }
  return found.sort((a, b) => (a.object.name.toLowerCase() < b.object.name.toLowerCase() ? -1 : 1));
}

/** Lists all secrets and gets the value of each that is enabled. */
function copyAll(
  context: Context,
  random: Random,
  source: TrafficSource,
  at: number,
  who: "workload" | "sync",
): AuditEvent[] {
  const machine: Machine = {
    caller: source.callers[who],
    callerAddress: who === "sync" ? `20.61.${source.plan.group.index % 200}.17` : innerAddress(random, source),
    userAgent: who === "sync" ? USER_AGENTS.sync : USER_AGENTS.loader,
  };
  const secrets = objectsAt(context, source, "secret", at);
  const rows = lists(random, source, machine, {
    collection: "secrets",
    grant: source.grants[who],
    count: secrets.length,
  });
  rows.unshift(challenge(random, source, firstUri(source, "secrets"), machine));
  for (const { object, version } of secrets) {
    if (!version.enabled) continue;
    const uri = objectUri(source, "secrets", object.name);
    rows.push(
      event(random, source, {
        ...machine,
        ...allowed(source, source.grants[who]),
        operation: "SecretGet",
        status: 200,
        requestUri: `${uri}/?api-version=7.4`,
        objectUri: `${uri}/${version.version}`,
        secret: { enabled: true, ...(version.contentType !== undefined && { contentType: version.contentType }) },
      }),
    );
  }
  return rows;
}

/** Lists and backs up every secret and every key; what a certificate owns goes with the certificate and is left out. */
function backup(context: Context, random: Random, source: TrafficSource, at: number): AuditEvent[] {
  const machine: Machine = {
    caller: source.callers.backup,
    callerAddress: `20.61.10.${20 + (source.plan.group.subscriptionIndex % 8)}`,
    userAgent: USER_AGENTS.backup,
  };
  const rows = [challenge(random, source, firstUri(source, "secrets"), machine)];
  for (const kind of ["secret", "key"] as const) {
    const collection = `${kind}s`;
    const grant = kind === "secret" ? source.grants.backup : source.grants.backupKeys;
    const objects = objectsAt(context, source, kind, at);
    rows.push(...lists(random, source, machine, { collection, grant, count: objects.length }));
    for (const { object, version } of objects) {
      if (object.managed) continue;
      const uri = objectUri(source, collection, object.name);
      rows.push(
        event(random, source, {
          ...machine,
          ...allowed(source, grant),
          operation: kind === "secret" ? "SecretBackup" : "KeyBackup",
          status: 200,
          requestUri: `${uri}/backup?api-version=7.4`,
          objectUri: `${uri}/${version.version}`,
        }),
      );
    }
  }
  return rows;
}

function firstUri(source: TrafficSource, collection: string): string {
  return `https://${source.plan.name}.vault.azure.net/${collection}?api-version=7.4`;
}

/** One list call for each page. */
function lists(
  random: Random,
  source: TrafficSource,
  machine: Machine,
  { collection, grant, count }: { collection: string; grant: string; count: number },
): AuditEvent[] {
  const id = `https://${source.plan.name}.vault.azure.net/${collection}`;
  return Array.from({ length: Math.max(1, Math.ceil(count / PAGE)) }, (_, page) =>
    event(random, source, {
      ...machine,
      ...allowed(source, grant),
      operation: collection === "keys" ? "KeyList" : "SecretList",
      status: 200,
      requestUri: `${id}?api-version=7.4${page === 0 ? "" : `&$skiptoken=${random.hex(32)}&maxresults=${PAGE}`}`,
      objectUri: id,
    }),
  );
}
