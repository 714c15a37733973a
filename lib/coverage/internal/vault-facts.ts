import "server-only";
import { normaliseId } from "@/lib/azure/resource-id.pure";
import type { Config } from "@/lib/config";
import type { CoveredKind } from "@/lib/detection/header";
import type { RuleState } from "@/lib/detection/rule-state";
import type { RegisterRow } from "@/lib/register/rows";
import type { Decoy } from "@/lib/store/decoys";
import type { Proof } from "@/lib/store/drills";
import type { Fact, FactName, Outcome, Reason } from "../facts.pure";
import type { BulkFacts, Lifecycle, Source } from "./bulk-facts";
import type { Collected, CollectedHeartbeat, CollectedListing, CollectedSettings } from "./collected";
import { type DecoyEvidence, decoyState } from "./decoy-state";
import { harmlessChanges } from "./harmless-changes";
import { unansweredSince } from "./heartbeat";
import { LOG_TABLES } from "./log-reach";
import { proven } from "./proven";

/** Everything known about one vault. */
export interface VaultInputs {
  vaultId: string;
  now: Date;
  workspaceId: string;
  timing: Pick<Config["timing"], "rowsAwaitedFor" | "heartbeatEvery" | "drillLateAfter">;
  bulk: BulkFacts;
  settings: Collected<CollectedSettings> | undefined;
  listing: Collected<CollectedListing> | undefined;
  heartbeat: Collected<CollectedHeartbeat> | undefined;
  /** Our own rows of this vault. */
  decoys: readonly Decoy[];
  /** What drills have shown; undefined when none was made. */
  proof: Proof | undefined;
  /** Milliseconds that can be asked about in the log. */
  logReach: number;
  ruleStateFor(kind: CoveredKind, tables: readonly string[]): Source<RuleState>;
}

/** The six facts of a vault, in their order, from what was collected. Reads nothing, decides no state. */
export function vaultFacts(inputs: VaultInputs): Fact[] {
  const audit = auditLog(inputs);
  const decoys = decoyEvidence(inputs);
  return [
    audit.fact,
    registered(inputs),
    decoyPresent(inputs, decoys),
    ruleOn(inputs, decoys, audit.tables),
    rowsArriving(inputs, audit, decoys),
    proven(inputs.proof, plantedOf(inputs, decoys), inputs.now, inputs.timing),
  ];
}

function plantedOf({ decoys }: VaultInputs, known: readonly KnownDecoy[]): Date[] {
  const standing = new Set<string>(known.flatMap(({ outcome, tokenKey }) => (outcome === "fail" ? [] : [tokenKey])));
  return decoys.flatMap((decoy) => (standing.has(decoy.token_key) ? [decoy.first_sent_at ?? decoy.created_at] : []));
}

function fact(name: FactName, outcome: Outcome, reason: Reason, evidence: string, at: Date | null): Fact {
  return { name, outcome, reason, evidence, checkedAt: at?.toISOString() ?? null };
}

/** A source that failed makes its facts unknown; the sentence says why. */
function unread(name: FactName, source: Extract<Source<unknown>, { ok: false }>): Fact {
  return fact(name, "unknown", source.noAccess ? "no_access" : "source_failed", source.sentence, null);
}

/** The activity log's newest change of one of the vault's diagnostic settings that may have interrupted its audit log. */
function loggedChange({ bulk, vaultId, settings }: VaultInputs): Date | undefined {
  const changes = bulk.settingChanges.ok ? bulk.settingChanges.data.get(vaultId) : undefined;
  if (changes === undefined) return undefined;
  const checks = settings?.data.checks.map((check) => new Date(check)) ?? [];
  if (settings && settings.data.refused === undefined) checks.push(settings.at);
  const harmless = new Set(settings?.data.harmless);
  for (const change of harmlessChanges(changes, checks)) harmless.add(change.toISOString());
  return changes.findLast((change) => !harmless.has(change.toISOString()));
}

/** The same, or a change that two collections show. */
function settingsChangedAt(inputs: VaultInputs): Date | undefined {
  const noticed = inputs.settings?.data.changedAt;
  return later(loggedChange(inputs), noticed ? new Date(noticed) : undefined);
}

interface Audit {
  fact: Fact;
  /** Tables that the vault's rows land in, as far as known. */
  tables: readonly string[];
  /** When its settings last changed, as far as known. */
  changedAt: Date | undefined;
}

function auditLog(inputs: VaultInputs): Audit {
  const { settings } = inputs;
  const logged = loggedChange(inputs);
  const changedAt = settingsChangedAt(inputs);
  if (!settings) {
    const evidence = "The vault's diagnostic settings have not been read yet.";
    return {
      fact: fact("auditLog", "unknown", "not_collected", evidence, null),
      tables: LOG_TABLES,
      changedAt: logged,
    };
  }
  const { data, at } = settings;
  const wanted = normaliseId(inputs.workspaceId);
  const audited = data.settings.filter(({ audit }) => audit);
  const here = audited.filter(({ workspaceId }) => workspaceId !== undefined && normaliseId(workspaceId) === wanted);
  const tables = here.length > 0 ? [...new Set(here.map(({ table }) => table))] : LOG_TABLES;
  const judged = (outcome: Outcome, reason: Reason, evidence: string): Audit => ({
    fact: fact("auditLog", outcome, reason, evidence, at),
    tables,
    changedAt,
  });
  if (data.refused !== undefined) return judged("unknown", "no_access", data.refused);
  if (logged && logged > at) {
    return judged("unknown", "not_collected", "A diagnostic setting was changed after the last check.");
  }
  if (here.length > 0) {
    return judged(
      "pass",
      "audit_on",
      `${count(here.length, "setting sends", "settings send")} audit events to the watched workspace (${tables.join(", ")}).`,
    );
  }
  if (audited.length > 0) {
    return judged(
      "fail",
      "audit_elsewhere",
      `${count(audited.length, "setting sends", "settings send")} audit events, but not to the watched workspace.`,
    );
  }
  return judged(
    "fail",
    "audit_off",
    `None of ${count(data.settings.length, "setting", "settings")} sends audit events.`,
  );
}

/**
 * Rows of the published register that count as live. A larger deployment leaves the row of a planting as it was sent, with
 * a window that ends by itself: once our ledger says that the decoy is in place, nothing is left to wait for, since the
 * rules have watched the row from the start.
 */
export function liveRows(rows: readonly RegisterRow[], decoys: readonly Pick<Decoy, "state" | "token_key">[]) {
  const inPlace = new Set(decoys.flatMap(({ state, token_key: key }) => (state === "live" ? [key] : [])));
  return rows.filter(({ state, tokenKey }) => state === "live" || (state === "planting" && inPlace.has(tokenKey)));
}

function registered({ bulk, vaultId, decoys, now, timing }: VaultInputs): Fact {
  if (!bulk.register.ok) return unread("registered", bulk.register);
  const { data, readAt } = bulk.register;
  const rows = data.get(vaultId) ?? [];
  const live = liveRows(rows, decoys);
  if (live.length > 0) {
    return fact(
      "registered",
      "pass",
      "registered",
      `${count(live.length, "live row", "live rows")} in the published register.`,
      readAt,
    );
  }
  if (rows.some((row) => beingPlanted(row, now, timing.rowsAwaitedFor))) {
    return fact(
      "registered",
      "waiting",
      "planting",
      "A row in the published register says that planting is under way.",
      readAt,
    );
  }
  const evidence =
    rows.length > 0
      ? "The published register has rows, but none that is live."
      : "The published register has no row for this vault.";
  return fact("registered", "fail", "not_registered", evidence, readAt);
}

/** A planting whose window is long over was given up; its row proves nothing. */
function beingPlanted({ state, windowEnd }: RegisterRow, now: Date, patience: number): boolean {
  return state === "planting" && windowEnd !== undefined && now.getTime() - windowEnd.getTime() <= patience;
}

export interface KnownDecoy extends DecoyEvidence {
  kind: RegisterRow["kind"];
  tokenKey: string;
  /** It was planted a short while ago and the audit log does not show that yet. */
  awaited: boolean;
}

/** What is known of each live decoy of the vault. */
export function decoyEvidence(inputs: VaultInputs): KnownDecoy[] {
  const { bulk, vaultId, decoys, listing, now, timing } = inputs;
  const rows = bulk.register.ok ? (bulk.register.data.get(vaultId) ?? []) : [];
  const loggingChangedAt = settingsChangedAt(inputs);
  return liveRows(rows, decoys).map((row) => {
    const own = decoys.find(({ token_key }) => token_key === row.tokenKey);
    const changes = changesOf(bulk.lifecycle, row);
    const listed = own && listing?.data.refused === undefined ? listing?.data.decoys[own.id] : undefined;
    const evidence = decoyState({
      now,
      patience: timing.rowsAwaitedFor,
      confirmedAt: own?.confirmed_at ?? undefined,
      plantedAt: row.windowStart,
      expiresAt: own?.expires_at ?? undefined,
      broken: own?.broken && own.broken_at ? { by: own.broken, at: own.broken_at } : undefined,
      changes,
      loggingChangedAt,
      logReach: inputs.logReach,
      listed: listed && listing ? { ...listed, at: listing.at } : undefined,
    });
    const sincePlanting = now.getTime() - (row.windowStart?.getTime() ?? 0);
    const awaited = changes?.created === undefined && sincePlanting <= timing.rowsAwaitedFor;
    return { ...evidence, kind: row.kind, tokenKey: row.tokenKey, awaited };
  });
}

/** What the log says of one decoy. A vault that was deleted took it along, also when one of the same name came after. */
function changesOf(lifecycle: BulkFacts["lifecycle"], { tokenKey, vaultId }: RegisterRow): Lifecycle | undefined {
  if (!lifecycle.ok) return undefined;
  const own = lifecycle.data.get(tokenKey);
  const vault = lifecycle.data.get(vaultId);
  if (!vault) return own;
  return {
    created: own?.created,
    removed: later(own?.removed, vault.removed),
    disabled: own?.disabled,
    changed: later(own?.changed, vault.changed),
  };
}

/** Best first: one working decoy is enough, and the kindest of the other findings is the one to act on. */
const ORDER: readonly Outcome[] = ["pass", "waiting", "unknown", "fail"];

function decoyPresent({ bulk, vaultId, now, timing }: VaultInputs, decoys: readonly KnownDecoy[]): Fact {
  if (!bulk.register.ok) return unread("decoyPresent", bulk.register);
  if (!bulk.lifecycle.ok) return unread("decoyPresent", bulk.lifecycle);
  const at = earlier(bulk.register.readAt, bulk.lifecycle.readAt);
  const best = ORDER.flatMap((outcome) => decoys.filter((decoy) => decoy.outcome === outcome))[0];
  if (best) {
    const working = decoys.filter(({ outcome }) => outcome === "pass").length;
    const evidence =
      decoys.length > 1 ? `${best.evidence} ${working} of ${decoys.length} are known to work.` : best.evidence;
    return fact("decoyPresent", best.outcome, best.reason, evidence, at);
  }
  const planting = (bulk.register.data.get(vaultId) ?? []).some((row) => beingPlanted(row, now, timing.rowsAwaitedFor));
  if (planting) return fact("decoyPresent", "waiting", "planting", "It is just being written.", at);
  return fact("decoyPresent", "fail", "not_registered", "No honeytoken is registered that could be present.", at);
}

function ruleOn(inputs: VaultInputs, decoys: readonly KnownDecoy[], tables: readonly string[]): Fact {
  const working = decoys.filter(({ outcome }) => outcome === "pass");
  const kinds = new Set<CoveredKind>((working.length > 0 ? working : decoys).map(({ kind }) => kind));
  // Without a decoy the question is still worth an answer: would one be covered?
  const facts = [...(kinds.size > 0 ? kinds : ["secret" as const])].map((kind) =>
    ruleFact(kind, inputs.ruleStateFor(kind, tables)),
  );
  // One covered decoy makes the vault covered.
  return (
    ORDER.flatMap((outcome) => facts.filter((candidate) => candidate.outcome === outcome))[0] ??
    fact("ruleOn", "unknown", "not_collected", "", null)
  );
}

function ruleFact(kind: CoveredKind, source: Source<RuleState>): Fact {
  if (!source.ok) return unread("ruleOn", source);
  const { data: found, readAt } = source;
  switch (found.state) {
    case "on":
      return fact("ruleOn", "pass", "rule_on", `The rule “${found.rule}” is on and unchanged.`, readAt);
    case "missing":
      return fact("ruleOn", "fail", "rule_missing", `No rule of the workspace covers a decoy ${kind}.`, readAt);
    case "disabled":
      return fact("ruleOn", "fail", "rule_disabled", `The rule “${found.rule}” is switched off.`, readAt);
    case "modified":
      return fact("ruleOn", "fail", "rule_modified", `The rule “${found.rule}” was changed: ${found.how}.`, readAt);
    case "table_plan":
      return fact("ruleOn", "fail", "table_plan", `The table ${found.table} is on the ${found.plan} plan.`, readAt);
  }
}

function rowsArriving(inputs: VaultInputs, audit: Audit, decoys: readonly KnownDecoy[]): Fact {
  const { bulk, vaultId, settings, now, timing } = inputs;
  if (!bulk.arrivals.ok) return unread("rowsArriving", bulk.arrivals);
  const { data, readAt } = bulk.arrivals;
  const arrivals = (data.get(vaultId) ?? []).filter(({ table }) => audit.tables.includes(table));
  const newest = arrivals.reduce<Date | undefined>((latest, { generated }) => later(latest, generated), undefined);
  if (audit.fact.outcome === "fail") {
    return fact(
      "rowsArriving",
      "fail",
      "rows_missing",
      "Nothing can arrive while no setting sends audit events to the workspace.",
      readAt,
    );
  }
  // Older rows prove that the log arrived then; the row of the planting proves that it does now.
  const working = decoys.filter(({ outcome }) => outcome === "pass");
  if (working.length > 0 && working.every(({ awaited }) => awaited)) {
    const evidence = "The planting has not shown in the audit log yet; Azure usually takes 3 to 10 minutes.";
    return fact("rowsArriving", "waiting", "rows_awaited", evidence, readAt);
  }
  if (newest && (!audit.changedAt || newest >= audit.changedAt)) {
    const silent = inputs.heartbeat && unansweredSince(inputs.heartbeat, newest, timing.heartbeatEvery);
    if (silent && now.getTime() - silent.getTime() > timing.rowsAwaitedFor) {
      const evidence = `The newest row is from ${minutes(newest)} (UTC). The vault was read at ${minutes(silent)} (UTC), which its log does not show.`;
      return fact("rowsArriving", "fail", "rows_stopped", evidence, readAt);
    }
    return fact("rowsArriving", "pass", "rows_arriving", `The newest row is from ${minutes(newest)} (UTC).`, readAt);
  }
  if (audit.fact.outcome !== "pass") {
    return fact(
      "rowsArriving",
      "unknown",
      audit.fact.reason,
      "It is not known whether this vault's rows should arrive.",
      readAt,
    );
  }
  // Azure documents up to 90 minutes for the first row; what is first seen now may have been switched on just now.
  const since = later(audit.changedAt, settings ? new Date(settings.data.firstSeenAt) : undefined);
  if (since && now.getTime() - since.getTime() <= timing.rowsAwaitedFor) {
    return fact(
      "rowsArriving",
      "waiting",
      "rows_awaited",
      `The setting is new, or newly seen (${minutes(since)} UTC).`,
      readAt,
    );
  }
  const evidence = newest
    ? `The newest row is from ${minutes(newest)} (UTC), before the last change of the setting.`
    : "No row of this vault was found.";
  return fact("rowsArriving", "fail", "rows_missing", evidence, readAt);
}

function later(a: Date | undefined, b: Date | undefined): Date | undefined {
  if (!a || !b) return a ?? b;
  return a > b ? a : b;
}

function earlier(a: Date, b: Date): Date {
  return new Date(Math.min(a.getTime(), b.getTime()));
}

function minutes(time: Date): string {
  return `${time.toISOString().slice(0, 10)} ${time.toISOString().slice(11, 16)}`;
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
