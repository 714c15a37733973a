import type { Context } from "../context";
import type { Model } from "../model";
import { unitsOf } from "./units";

/*
 * When compliance is looked at: every 24 hours all of it; some time (`delays.policy`) after an assignment or a resource
 * changed, that one; and when somebody asks. Source: "Get compliance data of Azure resources", Microsoft Learn.
 */

const DAY = 86_400_000;

/** A scan that fell due at `at`. `except` are assignments that are too new to be in it, lower case. */
export type Work =
  | { kind: "all"; at: number; except: ReadonlySet<string> }
  | { kind: "scope"; at: number; scope: string; except: ReadonlySet<string> }
  | { kind: "assignments"; at: number; assignments: ReadonlySet<string> }
  | { kind: "resources"; at: number; keys: string[]; except: ReadonlySet<string> };

interface Schedule {
  /** Everything up to here has been handed out. */
  until: number;
  /** Due times of changed assignments and resources, in the order of their due times. */
  assignments: Map<string, number>;
  resources: Map<string, number>;
  /** What changes were last seen: see `notice`. */
  vaults: Seen;
  groups: Seen;
  policies: { version: string; prints: Map<string, string> };
  /** Resources that are gone since somebody asked. */
  gone: string[];
}

interface Seen {
  version: number;
  documents: Map<string, unknown>;
}

const schedules = new WeakMap<Model, Schedule>();

/** The scans that fell due since the last call, in order; on the first call the state of things at the start. */
export function dueWork(context: Context): Work[] {
  const schedule = schedules.get(context.model);
  // A remediation's step is carried out as of its own time, which may lie a moment back.
  const now = Math.max(context.now(), schedule?.until ?? 0);
  if (!schedule) return begin(context, now);
  const work = collect(context, schedule, now);
  notice(context, schedule, now);
  schedule.until = now;
  return work;
}

/** When the next scan falls due, milliseconds since 1970. */
export function nextScan(context: Context): number {
  const schedule = schedules.get(context.model);
  const after = schedule?.until ?? context.now();
  const times = [lastDaily(context, after) + DAY];
  if (schedule) times.push(...firstOf(schedule.assignments), ...firstOf(schedule.resources));
  for (const { completesAt } of context.model.policyScans.values()) if (completesAt > after) times.push(completesAt);
  return Math.min(...times);
}

function firstOf(due: ReadonlyMap<string, number>): number[] {
  for (const at of due.values()) return [at];
  return [];
}

/** Daily scans are counted from the first start, in both directions. */
function lastDaily(context: Context, now: number): number {
  const { firstStart } = context.identity;
  return firstStart + Math.floor((now - firstStart) / DAY) * DAY;
}

function begin(context: Context, now: number): Work[] {
  const { vaults, resourceGroups } = context.model;
  const schedule: Schedule = {
    until: now,
    assignments: new Map(),
    resources: new Map(),
    vaults: { version: vaults.version, documents: new Map(vaults.differences()) },
    groups: { version: resourceGroups.version, documents: new Map(resourceGroups.differences()) },
    policies: { version: versionOf(context), prints: printsOf(context) },
    gone: [],
  };
  schedules.set(context.model, schedule);
  const delay = context.settings.delays.policy;
  const young = [...context.model.policyAssignments.values()]
    .filter(({ updatedAt }) => updatedAt + delay > now)
    .sort((a, b) => a.updatedAt - b.updatedAt);
  for (const { id, updatedAt } of young) schedule.assignments.set(id.toLowerCase(), updatedAt + delay);
  return [{ kind: "all", at: lastDaily(context, now), except: new Set(schedule.assignments.keys()) }];
}

function collect(context: Context, schedule: Schedule, now: number): Work[] {
  const work: Work[] = [];
  const daily = lastDaily(context, now);
  const due = new Map(schedule.assignments);
  const after = (at: number) => new Set([...due].flatMap(([id, time]) => (time > at ? [id] : [])));
  if (daily > schedule.until) work.push({ kind: "all", at: daily, except: after(daily) });
  for (const { scope, startedAt, completesAt } of context.model.policyScans.values()) {
    if (completesAt <= schedule.until || completesAt > now) continue;
    // What was assigned before the scan began is in it, though its own time has not come.
    const delay = context.settings.delays.policy;
    work.push({ kind: "scope", at: completesAt, scope, except: after(startedAt + delay) });
  }
  for (const [id, at] of takeDue(schedule.assignments, now))
    work.push({ kind: "assignments", at, assignments: new Set([id]) });
  for (const [key, at] of takeDue(schedule.resources, now))
    work.push({ kind: "resources", at, keys: [key], except: after(at) });
  return work.sort((a, b) => a.at - b.at);
}

function takeDue(due: Map<string, number>, now: number): [string, number][] {
  const taken: [string, number][] = [];
  for (const [key, at] of due) {
    if (at > now) break;
    taken.push([key, at]);
    due.delete(key);
  }
  return taken;
}

/** Puts what changed since the last look on the list, with its due time. */
function notice(context: Context, schedule: Schedule, now: number): void {
  const { vaults, resourceGroups } = context.model;
  const due = now + context.settings.delays.policy;
  const add = (list: Map<string, number>, key: string) => {
    // Taken out first, so that the list stays in the order of the due times.
    list.delete(key);
    list.set(key, due);
  };
  for (const [seen, collection] of [
    [schedule.vaults, vaults],
    [schedule.groups, resourceGroups],
  ] as const) {
    if (seen.version === collection.version) continue;
    const present: ReadonlyMap<string, unknown> = collection.differences();
    // Thousands of vaults may have changed since the world began: only the latest are looked at.
    const keys = collection.changedSince(seen.version) ?? new Set([...present.keys(), ...seen.documents.keys()]);
    for (const key of keys) {
      const before = seen.documents.get(key);
      const known = seen.documents.has(key);
      const document = present.get(key);
      // One that was made after the world and taken away again leaves no trace in the collection.
      if (!present.has(key)) {
        if (seen.documents.delete(key)) schedule.gone.push(key);
        continue;
      }
      if (document === undefined && (before !== undefined || !known)) schedule.gone.push(key);
      if (before !== document || !known) add(schedule.resources, key);
      seen.documents.set(key, document);
    }
    seen.version = collection.version;
  }
  const version = versionOf(context);
  if (version === schedule.policies.version) return;
  const prints = printsOf(context);
  for (const [id, print] of prints) if (schedule.policies.prints.get(id) !== print) add(schedule.assignments, id);
  schedule.policies = { version, prints };
}

function versionOf({ model }: Context): string {
  const { policyAssignments, policyDefinitions, policySetDefinitions, policyExemptions } = model;
  return [policyAssignments, policyDefinitions, policySetDefinitions, policyExemptions]
    .map(({ version }) => version)
    .join(".");
}

/** What decides the states of an assignment, as text that changes with it: its own form, its policies', its exemptions'. */
function printsOf(context: Context): Map<string, string> {
  const prints = new Map<string, string>();
  for (const { id, updatedAt } of context.model.policyAssignments.values())
    prints.set(id.toLowerCase(), `${updatedAt}`);
  const add = (id: string, text: string) => {
    const known = prints.get(id.toLowerCase());
    if (known !== undefined) prints.set(id.toLowerCase(), `${known} ${text}`);
  };
  for (const { assignment, definition, set } of unitsOf(context)) {
    add(assignment.id, `${definition.id}/${definition.updatedAt}/${set?.updatedAt ?? ""}`);
  }
  for (const { id, policyAssignmentId, updatedAt } of context.model.policyExemptions.values()) {
    add(policyAssignmentId, `${id}/${updatedAt}`);
  }
  return prints;
}

/** Normalised ids of the resources that are gone since the last call. */
export function takeGone(context: Context): string[] {
  const schedule = schedules.get(context.model);
  const gone = schedule?.gone ?? [];
  if (schedule && gone.length > 0) schedule.gone = [];
  return gone;
}
