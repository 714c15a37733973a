import type { Context } from "../context";
import type { Model } from "../model";
import { findConflicts } from "./conflicts";
import { exemptionTest, judge, type PolicyFinding } from "./judge";
import { allTargets, changeableTarget, type Target } from "./resources";
import { dueWork, takeGone, type Work } from "./schedule";
import { coverageOf, scopeTest, type Unit, unitsOf } from "./units";

/*
 * Compliance states. What scans found is kept in memory, by policy and resource, and worked out only when somebody looks
 * or before anything changes: until then a scan that fell due is a note of its time. After a restart everything counts as
 * scanned at the last daily scan.
 */

interface Found {
  /** By unit key, then by normalised resource id. */
  byUnit: Map<string, Map<string, PolicyFinding>>;
  waiting: Work[];
  /** Those that the findings are of. */
  units?: readonly Unit[];
  /** All findings in one list, until the next change. */
  list?: readonly PolicyFinding[];
}

const stores = new WeakMap<Model, Found>();

function foundOf(context: Context): Found {
  let found = stores.get(context.model);
  if (!found) {
    found = { byUnit: new Map(), waiting: [] };
    stores.set(context.model, found);
  }
  return found;
}

/** The compliance states as of the last scans, of what still exists. The same list until something changes. */
export function latestStates(context: Context): readonly PolicyFinding[] {
  noteScans(context);
  workOff(context);
  const found = foundOf(context);
  found.list ??= [...found.byUnit.values()].flatMap((findings) => [...findings.values()]);
  return found.list;
}

/**
 * Notes the scans that fell due, and what changed since the last call. Cheap when nothing did; call it before and after
 * whatever may change resources or policies, so that changes are known at their own time.
 */
export function noteScans(context: Context): void {
  const found = foundOf(context);
  for (const work of dueWork(context)) {
    // A scan of everything makes up for all that waited.
    if (work.kind === "all") found.waiting = found.waiting.filter((other) => other.at > work.at);
    found.waiting.push(work);
  }
  const gone = takeGone(context);
  if (gone.length > 0) {
    for (const findings of found.byUnit.values()) for (const key of gone) findings.delete(key);
    delete found.list;
  }
  const units = unitsOf(context);
  if (units === found.units) return;
  found.units = units;
  const keys = new Set(units.map(({ key }) => key));
  for (const key of found.byUnit.keys()) if (!keys.has(key)) found.byUnit.delete(key);
  delete found.list;
}

/** Does the scans that wait, with the resources as they are now. Call it before they change. */
export function workOff(context: Context): void {
  const found = foundOf(context);
  if (found.waiting.length === 0) return;
  const waiting = found.waiting;
  found.waiting = [];
  const units = unitsOf(context).map((unit) => ({
    unit,
    assignmentId: unit.assignment.id.toLowerCase(),
    covers: coverageOf(context, unit.assignment),
    exempt: exemptionTest(context, unit),
  }));
  for (const work of waiting) evaluate(context, found, work, units);
  findConflicts(found.byUnit);
  delete found.list;
}

interface Prepared {
  unit: Unit;
  assignmentId: string;
  covers(target: Target): boolean;
  exempt(target: Target, at: number): boolean;
}

function evaluate(context: Context, found: Found, work: Work, units: readonly Prepared[]): void {
  const meant = units.filter(({ assignmentId }) =>
    work.kind === "assignments" ? work.assignments.has(assignmentId) : !work.except.has(assignmentId),
  );
  const into = meant.map((prepared) => ({ ...prepared, findings: findingsOf(found, prepared.unit) }));
  // Resource by resource: what a rule has read of one is at hand for the next rule.
  for (const target of targetsOf(context, work)) {
    for (const { unit, covers, exempt, findings } of into) {
      const state = covers(target) ? judge(context, unit, target, work.at) : undefined;
      if (state === undefined) findings.delete(target.key);
      else findings.set(target.key, { unit, target, state: exempt(target, work.at) ? "Exempt" : state, at: work.at });
    }
  }
}

function findingsOf(found: Found, { key }: Unit): Map<string, PolicyFinding> {
  let findings = found.byUnit.get(key);
  if (!findings) {
    findings = new Map();
    found.byUnit.set(key, findings);
  }
  return findings;
}

function targetsOf(context: Context, work: Work): Target[] {
  if (work.kind === "resources") return work.keys.flatMap((key) => changeableTarget(context, key) ?? []);
  const all = [...allTargets(context)];
  return work.kind === "scope" ? all.filter(scopeTest(context, work.scope)) : all;
}

/** What one assignment's policy says of the resources now, without waiting for a scan: for remediations that ask for it. */
export function presentStates(context: Context, unit: Unit): PolicyFinding[] {
  const covers = coverageOf(context, unit.assignment);
  const at = context.now();
  const exempt = exemptionTest(context, unit);
  return [...allTargets(context)].flatMap((target) => {
    const state = covers(target) ? judge(context, unit, target, at) : undefined;
    return state === undefined ? [] : [{ unit, target, state: exempt(target, at) ? "Exempt" : state, at }];
  });
}
