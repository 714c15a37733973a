import type { Context } from "../context";
import type { AuditCaller, AuditEvent } from "../loganalytics/row-shape";
import type { Principal } from "../model";
import { worldGuid } from "./ids";
import type { VaultPlan } from "./plan";
import { inventoryCrawler, teamPrincipals } from "./principals";
import type { Random } from "./random";
import { teamAssignmentId } from "./rights";
import { USER_AGENTS } from "./words";

/** What a vault's everyday callers look like; worked out once per vault. */
export interface TrafficSource {
  plan: VaultPlan;
  vault: AuditEvent["vault"];
  workload: AuditCaller;
  pipeline: AuditCaller;
  contact: AuditCaller;
  crawler: AuditCaller;
  /** Role assignments that let workload and pipeline in, on a vault with role-based access. */
  workloadGrant: string;
  pipelineGrant: string;
  crawlerGrant: string;
}

type Part = Partial<AuditEvent> & Pick<AuditEvent, "operation" | "status" | "requestUri">;

/** Who calls this vault from day to day. */
export function trafficSource(context: Context, plan: VaultPlan): TrafficSource {
  const { group } = plan;
  const team = teamPrincipals(context, group.team);
  return {
    plan,
    vault: { id: plan.id, name: plan.name, subscriptionId: group.subscriptionId, resourceGroup: group.name },
    workload: callerOf(team.workload),
    pipeline: callerOf(team.pipeline),
    contact: callerOf(team.contact),
    crawler: callerOf(inventoryCrawler(context)),
    workloadGrant: teamAssignmentId(context, group, "workload"),
    pipelineGrant: teamAssignmentId(context, group, "pipeline"),
    crawlerGrant: worldGuid(context, "assignment/platform/resource-graph"),
  };
}

/** The rows of one visit, in order: mostly an application that reads one of its secrets. No decoy is ever among them. */
export function visit(random: Random, source: TrafficSource): AuditEvent[] {
  const dice = random.next();
  if (dice < 0.66) return application(random, source);
  if (dice < 0.76) return pipeline(random, source);
  if (dice < 0.86) return portal(random, source);
  if (dice < 0.93) return inventory(random, source);
  if (dice < 0.97) return expiry(random, source);
  return refused(random, source);
}

function application(random: Random, source: TrafficSource): AuditEvent[] {
  const name = random.pick(source.plan.secrets);
  const from = {
    callerAddress: `20.50.${random.int(0, 255)}.${random.int(1, 254)}`,
    userAgent: USER_AGENTS.application,
  };
  const uri = objectUri(source, "secrets", name);
  return [
    challenge(random, source, `${uri}/?api-version=7.4`, from),
    event(random, source, {
      ...from,
      operation: "SecretGet",
      status: 200,
      requestUri: `${uri}/?api-version=7.4`,
      objectUri: `${uri}/${random.hex(32)}`,
      caller: source.workload,
      decision: decision(source, source.workloadGrant),
    }),
  ];
}

function pipeline(random: Random, source: TrafficSource): AuditEvent[] {
  const name = random.pick(source.plan.secrets);
  const from = { callerAddress: `198.51.100.${random.int(1, 254)}`, userAgent: USER_AGENTS.pipeline };
  const uri = objectUri(source, "secrets", name);
  return [
    challenge(random, source, `${uri}?api-version=7.4`, from),
    event(random, source, {
      ...from,
      operation: "SecretSet",
      status: 200,
      requestUri: `${uri}?api-version=7.4`,
      objectUri: `${uri}/${random.hex(32)}`,
      caller: source.pipeline,
      decision: decision(source, source.pipelineGrant),
    }),
  ];
}

/** Somebody looks through the vault in the portal. Collections carry no object name. */
function portal(random: Random, source: TrafficSource): AuditEvent[] {
  const from = {
    callerAddress: `203.0.113.${random.int(1, 254)}`,
    userAgent: USER_AGENTS.portal,
    caller: source.contact,
  };
  const list = (operation: string, collection: string) =>
    event(random, source, {
      ...from,
      operation,
      status: 200,
      requestUri: `https://${source.plan.name}.vault.azure.net/${collection}?api-version=7.4&maxresults=25`,
      decision: decision(source, ""),
    });
  const rows = [list("SecretList", "secrets"), list("KeyList", "keys")];
  if (random.chance(0.4)) {
    const uri = objectUri(source, "secrets", random.pick(source.plan.secrets));
    rows.push(
      event(random, source, {
        ...from,
        operation: "SecretListVersions",
        status: 200,
        requestUri: `${uri}/versions?api-version=7.4&maxresults=25`,
        objectUri: uri,
        decision: decision(source, ""),
      }),
    );
  }
  return rows;
}

function inventory(random: Random, source: TrafficSource): AuditEvent[] {
  return [
    event(random, source, {
      operation: "VaultGet",
      status: 200,
      requestUri: `https://management.azure.com${source.plan.id}?api-version=2023-07-01`,
      callerAddress: `20.190.${random.int(128, 180)}.${random.int(1, 254)}`,
      userAgent: USER_AGENTS.inventory,
      caller: source.crawler,
      throughArm: true,
      apiVersion: "2023-07-01",
    }),
  ];
}

/** The platform's own notice; it names an object, yet nobody touched it. */
function expiry(random: Random, source: TrafficSource): AuditEvent[] {
  const uri = objectUri(source, "secrets", random.pick(source.plan.secrets));
  return [
    event(random, source, {
      operation: "SecretNearExpiryEventGridNotification",
      status: 200,
      requestUri: uri,
      objectUri: `${uri}/${random.hex(32)}`,
      callerAddress: "",
      userAgent: USER_AGENTS.platform,
    }),
  ];
}

/** A person without rights tries to read a value. */
function refused(random: Random, source: TrafficSource): AuditEvent[] {
  const uri = `${objectUri(source, "secrets", random.pick(source.plan.secrets))}/?api-version=7.4`;
  return [
    event(random, source, {
      operation: "SecretGet",
      status: 403,
      requestUri: uri,
      caller: source.contact,
      callerAddress: `203.0.113.${random.int(1, 254)}`,
      userAgent: USER_AGENTS.portal,
      decision: { byPolicy: source.plan.model === "policies", allowed: false },
    }),
  ];
}

function challenge(random: Random, source: TrafficSource, requestUri: string, from: Partial<AuditEvent>): AuditEvent {
  return event(random, source, { ...from, operation: "Authentication", status: 401, requestUri });
}

function event(random: Random, source: TrafficSource, part: Part): AuditEvent {
  return {
    vault: source.vault,
    callerAddress: "",
    userAgent: "",
    correlationId: random.guid(),
    durationMs: random.int(8, 140),
    ...part,
  };
}

function decision(source: TrafficSource, assignmentId: string): NonNullable<AuditEvent["decision"]> {
  if (source.plan.model === "policies") return { byPolicy: true, allowed: true };
  return { byPolicy: false, allowed: true, ...(assignmentId && { assignmentId }) };
}

function objectUri(source: TrafficSource, collection: string, name: string): string {
  return `https://${source.plan.name}.vault.azure.net/${collection}/${name}`;
}

function callerOf(principal: Principal): AuditCaller {
  return {
    oid: principal.oid,
    appId: principal.appId ?? "",
    kind: principal.kind,
    ...(principal.upn && { upn: principal.upn }),
    ...(principal.managedIdentityId && { managedIdentityId: principal.managedIdentityId }),
  };
}
