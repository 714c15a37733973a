import type { AuditEvent } from "../loganalytics/row-shape";
import type { Random } from "./random";
import { isWorkTime } from "./rhythm";
import {
  allowed,
  challenge,
  denied,
  event,
  innerAddress,
  objectUri,
  type TrafficSource,
  versionAt,
} from "./traffic-source";
import { USER_AGENTS } from "./words";

type Visit = (random: Random, source: TrafficSource, at: number) => AuditEvent[];

/** A kind of visit with its weight in working hours and outside them. */
type Weighted = readonly [visit: Visit, atWork: number, otherwise: number];

/** Everyday visits. None of them names what the register calls a decoy; `bulk-readers.ts` holds those that do. */
const VISITS: readonly Weighted[] = [
  [application, 50, 62],
  [keyUser, 8, 10],
  [pipeline, 12, 3],
  [portal, 12, 1],
  [inventory, 7, 10],
  [policyScan, 5, 8],
  [refused, 3, 1],
  [blockedReference, 3, 5],
];
const SUMS = {
  atWork: VISITS.reduce((sum, [, weight]) => sum + weight, 0),
  otherwise: VISITS.reduce((sum, [, , weight]) => sum + weight, 0),
};

/** The rows of one visit at a time, in order: mostly an application that reads one of its secrets. */
export function visit(random: Random, source: TrafficSource, at: number): AuditEvent[] {
  const atWork = isWorkTime(at);
  let dice = random.next() * (atWork ? SUMS.atWork : SUMS.otherwise);
  for (const [kind, day, night] of VISITS) {
    dice -= atWork ? day : night;
    if (dice < 0) return kind(random, source, at);
  }
  return application(random, source, at);
}

function application(random: Random, source: TrafficSource, at: number): AuditEvent[] {
  const name = random.pick(source.plan.secrets);
  const from = { callerAddress: innerAddress(random, source), userAgent: USER_AGENTS.application };
  const uri = objectUri(source, "secrets", name);
  return [
    challenge(random, source, `${uri}/?api-version=7.4`, from),
    event(random, source, {
      ...from,
      ...allowed(source, source.grants.workload),
      operation: "SecretGet",
      status: 200,
      requestUri: `${uri}/?api-version=7.4`,
      objectUri: `${uri}/${versionAt(source, "secret", name, at)}`,
      caller: source.callers.workload,
    }),
  ];
}

/** A service signs with a key, or a disk's key is unwrapped when its machine starts. */
function keyUser(random: Random, source: TrafficSource, at: number): AuditEvent[] {
  const { keys } = source.plan;
  if (keys.length === 0) return application(random, source, at);
  const name = random.pick(keys);
  const signs = /sign/i.test(name);
  const operation = signs ? "KeySign" : random.chance(0.8) ? "KeyUnwrap" : "KeyWrap";
  const version = versionAt(source, "key", name, at);
  const uri = `${objectUri(source, "keys", name)}/${version}`;
  return [
    event(random, source, {
      ...allowed(source, source.grants.workloadKeys),
      operation,
      status: 200,
      requestUri: `${uri}/${operation.slice(3).toLowerCase()}${operation === "KeySign" ? "" : "key"}?api-version=7.4`,
      objectUri: uri,
      callerAddress: innerAddress(random, source),
      userAgent: signs ? USER_AGENTS.crypto : USER_AGENTS.diskEncryption,
      caller: source.callers.workload,
    }),
  ];
}

/**
 * A release reads what it deploys. After the first start it sometimes writes a value as well: the log then holds a
 * version that no list shows, since nothing but requests changes the vaults. Before it, `agenda.ts` has the writes.
 */
function pipeline(random: Random, source: TrafficSource, at: number): AuditEvent[] {
  const from = {
    callerAddress: source.onlyAddress ?? `198.51.100.${random.int(1, 254)}`,
    userAgent: USER_AGENTS.pipeline,
  };
  const names = random.shuffle(source.plan.secrets).slice(0, random.int(1, 3));
  const writes = at >= source.firstStart && random.chance(0.3);
  const rows = [challenge(random, source, `${objectUri(source, "secrets", names[0] ?? "")}?api-version=7.4`, from)];
  for (const name of names) {
    const uri = objectUri(source, "secrets", name);
    const version = writes ? random.hex(32) : versionAt(source, "secret", name, at);
    rows.push(
      event(random, source, {
        ...from,
        ...allowed(source, source.grants.pipeline),
        operation: writes ? "SecretSet" : "SecretGet",
        status: 200,
        requestUri: `${uri}${writes ? "" : "/"}?api-version=7.4`,
        objectUri: `${uri}/${version}`,
        caller: source.callers.pipeline,
      }),
    );
    if (writes) break;
  }
  return rows;
}

/** Somebody looks through the vault in the portal. Collections carry no object name. */
function portal(random: Random, source: TrafficSource, at: number): AuditEvent[] {
  const { plan, contactReads } = source;
  const from = {
    callerAddress: source.onlyAddress ?? `203.0.113.${random.int(1, 254)}`,
    userAgent: USER_AGENTS.portal,
    caller: source.callers.contact,
  };
  // Managing a vault is not reading it: with role-based access a contributor sees an empty page and a refusal.
  const lists = plan.model === "policies" || contactReads;
  const call = (operation: string, path: string, id: string) =>
    event(random, source, {
      ...from,
      ...(lists ? allowed(source, source.grants.contact) : denied(source)),
      operation,
      status: lists ? 200 : 403,
      requestUri: `https://${plan.name}.vault.azure.net/${path}?api-version=7.4${operation.endsWith("Get") ? "" : "&maxresults=25"}`,
      ...(lists && { objectUri: id }),
    });
  const rows = [call("SecretList", "secrets", objectUri(source, "secrets", "").slice(0, -1))];
  if (random.chance(0.4)) rows.push(call("KeyList", "keys", objectUri(source, "keys", "").slice(0, -1)));
  if (!lists || !random.chance(0.5)) return rows;
  const name = random.pick(plan.secrets);
  const uri = objectUri(source, "secrets", name);
  rows.push(call("SecretListVersions", `secrets/${name}/versions`, uri));
  const version = versionAt(source, "secret", name, at);
  if (contactReads && random.chance(0.4))
    rows.push(call("SecretGet", `secrets/${name}/${version}`, `${uri}/${version}`));
  return rows;
}

function inventory(random: Random, source: TrafficSource): AuditEvent[] {
  return [armRead(random, source, { caller: source.callers.crawler, userAgent: USER_AGENTS.inventory })];
}

/** Azure Policy reads the vault. What it thinks of the objects in it goes to a log category of its own, not here. */
function policyScan(random: Random, source: TrafficSource): AuditEvent[] {
  return [armRead(random, source, { caller: source.callers.scanner, userAgent: USER_AGENTS.policyScan })];
}

function armRead(random: Random, source: TrafficSource, who: Pick<AuditEvent, "userAgent"> & Partial<AuditEvent>) {
  return event(random, source, {
    operation: "VaultGet",
    status: 200,
    requestUri: `https://management.azure.com${source.plan.id}?api-version=2023-07-01`,
    callerAddress: `20.190.${random.int(128, 180)}.${random.int(1, 254)}`,
    throughArm: true,
    apiVersion: "2023-07-01",
    ...who,
  });
}

/** Somebody of another team tries to read a value. */
function refused(random: Random, source: TrafficSource): AuditEvent[] {
  const uri = `${objectUri(source, "secrets", random.pick(source.plan.secrets))}/?api-version=7.4`;
  return [
    event(random, source, {
      ...denied(source),
      operation: "SecretGet",
      status: 403,
      requestUri: uri,
      caller: source.callers.colleague,
      callerAddress: source.onlyAddress ?? `203.0.113.${random.int(1, 254)}`,
      userAgent: USER_AGENTS.portal,
    }),
  ];
}

/** A web application's reference to a secret, resolved from outside the vault's network: it fails each time, as expected. */
function blockedReference(random: Random, source: TrafficSource, at: number): AuditEvent[] {
  if (source.plan.network === "public") return application(random, source, at);
  const uri = `${objectUri(source, "secrets", source.plan.secrets[0] ?? "")}/?api-version=7.4`;
  return [
    event(random, source, {
      operation: "SecretGet",
      status: 403,
      requestUri: uri,
      caller: source.callers.workload,
      callerAddress: `20.79.${random.int(1, 250)}.${random.int(1, 250)}`,
      userAgent: USER_AGENTS.appService,
      addressAuthorized: false,
    }),
  ];
}
