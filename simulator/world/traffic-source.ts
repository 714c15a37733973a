import type { Context } from "../context";
import type { AuditCaller, AuditEvent } from "../loganalytics/row-shape";
import type { Principal } from "../model";
import type { GroupPlan } from "./groups";
import type { VaultPlan } from "./plan";
import { inventoryCrawler, policyScanner, sharedIdentity, teamPrincipals } from "./principals";
import { Random } from "./random";
import { backupAssignmentId, contactMayRead, syncAssignmentId, teamAssignmentId } from "./rights";
import { keyTimeline, secretTimeline, type VaultHabits, vaultHabits } from "./timeline";
import { TEAMS } from "./words";

/** Who calls a vault in everyday life. */
type CallerName = "workload" | "pipeline" | "contact" | "colleague" | "crawler" | "scanner" | "backup" | "sync";

/** What a vault's everyday callers look like; worked out once per vault. */
export interface TrafficSource {
  plan: VaultPlan;
  seed: number;
  firstStart: number;
  habits: VaultHabits;
  vault: AuditEvent["vault"];
  callers: Record<CallerName, AuditCaller>;
  /** Role assignments that let them in, on a vault with role-based access. */
  grants: Record<"workload" | "workloadKeys" | "pipeline" | "contact" | "backup" | "backupKeys" | "sync", string>;
  /** Whether the contact may read what the vault holds. */
  contactReads: boolean;
  /** First three numbers of the address that the vault's network lets in, with a dot behind. */
  network: string;
  /** The one address that a firewall lets in; undefined where every address of `network` may come. */
  onlyAddress?: string;
}

/** The one address that the firewall of a vault lets in, where it has one. */
export function firewallAddress(seed: number, index: number): string {
  return `198.51.100.${new Random(`${seed}/firewall/${index}`).int(1, 250)}`;
}

/** Who calls this vault from day to day. */
export function trafficSource(context: Context, plan: VaultPlan): TrafficSource {
  const { group } = plan;
  const { seed } = context.settings;
  const { subscriptionId } = group;
  const { callers, grants } = groupCallers(context, group);
  return {
    plan,
    seed,
    firstStart: context.identity.firstStart,
    habits: vaultHabits(seed, plan),
    vault: { id: plan.id, name: plan.name, subscriptionId, resourceGroup: group.name },
    callers,
    grants: { ...grants, sync: plan.bulkReader === "sync" ? syncAssignmentId(context, plan) : "" },
    contactReads: contactMayRead(group),
    network: plan.network === "private" ? `10.${group.index % 200}.4.` : `20.50.${group.index % 250}.`,
    ...(plan.network === "firewall" && { onlyAddress: firewallAddress(seed, plan.index) }),
  };
}

type GroupCallers = Pick<TrafficSource, "callers"> & { grants: Omit<TrafficSource["grants"], "sync"> };

/** What all vaults of a group share; working it out takes longer than the traffic itself. */
const ofGroups = new WeakMap<GroupPlan, GroupCallers>();

function groupCallers(context: Context, group: GroupPlan): GroupCallers {
  const known = ofGroups.get(group);
  if (known) return known;
  const team = teamPrincipals(context, group.team);
  const other = TEAMS[(TEAMS.indexOf(group.team) + 5) % TEAMS.length] ?? group.team;
  const { subscriptionId } = group;
  const made: GroupCallers = {
    callers: {
      workload: callerOf(team.workload),
      pipeline: callerOf(team.pipeline),
      contact: callerOf(team.contact),
      colleague: callerOf(teamPrincipals(context, other).contact),
      crawler: callerOf(inventoryCrawler(context)),
      scanner: callerOf(policyScanner(context)),
      backup: callerOf(sharedIdentity(context, "backup")),
      sync: callerOf(sharedIdentity(context, "sync")),
    },
    grants: {
      workload: teamAssignmentId(context, group, "workload"),
      workloadKeys: teamAssignmentId(context, group, "keys"),
      pipeline: teamAssignmentId(context, group, "pipeline"),
      contact: teamAssignmentId(context, group, "contact"),
      backup: backupAssignmentId(context, subscriptionId, "secret"),
      backupKeys: backupAssignmentId(context, subscriptionId, "key"),
    },
  };
  ofGroups.set(group, made);
  return made;
}

type Part = Partial<AuditEvent> & Pick<AuditEvent, "operation" | "status" | "requestUri">;

/** One call, with what every call has. */
export function event(random: Random, source: TrafficSource, part: Part): AuditEvent {
  return {
    vault: source.vault,
    callerAddress: "",
    userAgent: "",
    correlationId: random.guid(),
    durationMs: random.int(8, 140),
    ...part,
  };
}

/** What a client does first: it asks without a token, and is told where to get one. */
export function challenge(
  random: Random,
  source: TrafficSource,
  requestUri: string,
  from: Partial<AuditEvent>,
): AuditEvent {
  const { caller: _, ...rest } = from;
  return event(random, source, { ...rest, operation: "Authentication", status: 401, requestUri });
}

/** How the vault decided about a caller that it let in by that role assignment, or by its list. */
export function allowed(
  source: TrafficSource,
  assignmentId: string,
): { decision: NonNullable<AuditEvent["decision"]> } {
  if (source.plan.model === "policies") return { decision: { byPolicy: true, allowed: true } };
  return { decision: { byPolicy: false, allowed: true, assignmentId } };
}

/** How the vault decided about a caller without the right. */
export function denied(source: TrafficSource): { decision: NonNullable<AuditEvent["decision"]> } {
  return { decision: { byPolicy: source.plan.model === "policies", allowed: false } };
}

/** `https://{vault}.vault.azure.net/{collection}/{name}` */
export function objectUri(source: TrafficSource, collection: string, name: string): string {
  return `https://${source.plan.name}.vault.azure.net/${collection}/${name}`;
}

/** An address that the vault's network lets in. */
export function innerAddress(random: Random, source: TrafficSource): string {
  return source.onlyAddress ?? `${source.network}${random.int(4, 12)}`;
}

/** The version of a real secret or key that was the newest at a time, by its id. */
export function versionAt(source: TrafficSource, kind: "secret" | "key", name: string, at: number): string {
  const { seed, plan, habits, firstStart } = source;
  const timeline = kind === "secret" ? secretTimeline : keyTimeline;
  const versions = timeline(seed, plan, habits, name, firstStart);
  return (versions.findLast(({ created }) => created <= at) ?? versions[0])?.version ?? "";
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
