import type { Context } from "../context";
import type { PolicyExemption } from "./documents";
import { RuleError, TemplateError } from "./language/errors";
import type { Scope } from "./language/scope";
import { relatedResources, type Target } from "./resources";
import { scopeTest, selectedBy, type Unit } from "./units";

export type ComplianceState = "Compliant" | "NonCompliant" | "Exempt" | "Conflict" | "Error";

/** What the last scan that reached a resource found there for one policy of one assignment. */
export interface PolicyFinding {
  unit: Unit;
  /** The resource as it was then. */
  target: Target;
  state: ComplianceState;
  /** When that scan was, milliseconds since 1970. */
  at: number;
}

/** What a condition of the unit's rule sees of a target. */
export function scopeOf(unit: Unit, target: Scope["resource"], now: number): Scope {
  return {
    resource: target,
    parameters: unit.parameters,
    now,
    assignmentId: unit.assignment.id,
    definitionId: unit.definition.id,
    elements: [],
  };
}

/**
 * What a unit finds on a target at `now`, without exemptions; undefined when the rule does not speak of such a target.
 * An *IfNotExists rule speaks of the targets that meet all of its `if`; every other of those that meet its `type`,
 * `name` and `kind`.
 */
export function judge(context: Context, unit: Unit, target: Target, now: number): ComplianceState | undefined {
  const { effect, rule, definition } = unit;
  if (effect === "disabled" || (!target.indexed && definition.mode.toLowerCase() === "indexed")) return undefined;
  const scope = scopeOf(unit, target, now);
  try {
    if (!rule.condition.applies(scope, false)) return undefined;
    const met = rule.condition.test(scope);
    if (effect !== "auditifnotexists" && effect !== "deployifnotexists") return met ? "NonCompliant" : "Compliant";
    if (!met) return undefined;
    return relatedExists(context, unit, target, now) ? "Compliant" : "NonCompliant";
  } catch (error) {
    if (error instanceof TemplateError || error instanceof RuleError) return "Error";
    throw error;
  }
}

function relatedExists(context: Context, unit: Unit, target: Target, now: number): boolean {
  const wanted = unit.rule.details.related;
  if (!wanted) return true;
  const name = wanted.name?.(scopeOf(unit, target, now));
  return relatedResources(context, target, wanted.type).some(
    (resource) =>
      (name === undefined || resource.name.toLowerCase() === String(name).toLowerCase()) &&
      (wanted.condition?.test(scopeOf(unit, resource, now)) ?? true),
  );
}

/** A test for the targets that an exemption frees from a unit at a moment. */
export function exemptionTest(context: Context, unit: Unit): (target: Target, at: number) => boolean {
  const assignmentId = unit.assignment.id.toLowerCase();
  const reference = unit.member?.referenceId.toLowerCase();
  const tests: ((target: Target, at: number) => boolean)[] = [];
  for (const exemption of context.model.policyExemptions.values()) {
    if (exemption.policyAssignmentId.toLowerCase() !== assignmentId) continue;
    const { referenceIds, resourceSelectors, scope } = exemption;
    const named = reference !== undefined && referenceIds.some((id) => id.toLowerCase() === reference);
    if (referenceIds.length > 0 && !named) continue;
    const inside = scopeTest(context, scope);
    tests.push((target, at) => !isOver(exemption, at) && inside(target) && selectedBy(resourceSelectors, target));
  }
  return (target, at) => tests.some((test) => test(target, at));
}

export function isOver({ expiresOn }: Pick<PolicyExemption, "expiresOn">, now: number): boolean {
  return expiresOn !== undefined && expiresOn <= now;
}
