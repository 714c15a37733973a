import type { Context } from "../context";
import { AzureError } from "../http";
import { type Changeable, changesOf, withChange } from "./changes";
import { exemptionTest, scopeOf } from "./judge";
import { RuleError, TemplateError } from "./language/errors";
import { groupTarget, type Target, vaultTarget } from "./resources";
import { noteScans, workOff } from "./states";
import { coverageOf, type Unit, unitsOf, workedOut } from "./units";

/** A policy that stands against a write, and why when the rule alone does not say it. */
interface Violation {
  unit: Unit;
  reason?: string;
}

/**
 * What the policies in force make of a vault or resource group before it is stored: modify and append change it, then
 * deny is asked. Call it with the document as the request would leave it, and store what it answers.
 *
 * A rule that fails while it is worked out is an implicit deny, whatever its effect. A new assignment is in force after
 * a third of `delays.policy` (5 minutes of 15). Source: "Azure Policy effects", Microsoft Learn.
 * @throws AzureError 403 RequestDisallowedByPolicy with one `PolicyViolation` for each policy.
 */
export function applyModify<T extends Changeable>(context: Context, document: T): T {
  noteScans(context);
  // Scans that fell due before this write must not see it.
  workOff(context);
  const violations: Violation[] = [];
  const changed = modified(context, document, violations);
  const target = targetOf(context, changed);
  for (const unit of unitsInForce(context, target)) {
    if (unit.effect === "deny" && met(context, unit, target, violations)) violations.push({ unit });
  }
  if (violations.length > 0) throw disallowed(target, violations);
  return changed;
}

function targetOf(context: Context, document: Changeable): Target {
  return "accessPolicies" in document ? vaultTarget(context, document) : groupTarget(context, document);
}

function unitsInForce(context: Context, target: Target): Unit[] {
  const now = context.now();
  const delay = context.settings.delays.policy / 3;
  return unitsOf(context).filter((unit) => {
    const { assignment, effect, definition } = unit;
    if (effect === "disabled" || assignment.enforcementMode !== "Default" || assignment.updatedAt + delay > now)
      return false;
    if (!target.indexed && definition.mode.toLowerCase() === "indexed") return false;
    return coverageOf(context, assignment)(target) && !exemptionTest(context, unit)(target, now);
  });
}

function met(context: Context, unit: Unit, target: Target, violations: Violation[]): boolean {
  try {
    return unit.rule.condition.test(scopeOf(unit, target, context.now()));
  } catch (error) {
    if (!(error instanceof TemplateError || error instanceof RuleError)) throw error;
    violations.push({ unit, reason: `The policy could not be evaluated: ${error.message}` });
    return false;
  }
}

function modified<T extends Changeable>(context: Context, document: T, violations: Violation[]): T {
  const target = targetOf(context, document);
  const asking = unitsInForce(context, target).filter(
    (unit) => unit.effect !== "deny" && met(context, unit, target, violations) && /^(modify|append)$/.test(unit.effect),
  );
  const wishes = asking.flatMap((unit) =>
    changesOf(unit.rule.details.operations, scopeOf(unit, target, context.now())).map((change) => ({ unit, change })),
  );
  let changed = document;
  for (const { unit, change } of wishes) {
    const rival = wishes.find(
      (other) =>
        other.change.field.toLowerCase() === change.field.toLowerCase() &&
        JSON.stringify(other.change.value) !== JSON.stringify(change.value),
    );
    const outcome = rival
      ? { refused: `Another policy sets '${change.field}' to another value.` }
      : withChange(changed, change);
    if ("document" in outcome) changed = outcome.document;
    // Only a conflict that is to be denied stops the request; otherwise the change is left out.
    else if (conflictEffect(unit) === "deny") violations.push({ unit, reason: outcome.refused });
  }
  return changed;
}

function conflictEffect(unit: Unit): string {
  const effect = workedOut(unit.rule.details.conflictEffect, unit.parameters);
  return typeof effect === "string" ? effect.toLowerCase() : "deny";
}

function disallowed(target: Target, violations: readonly Violation[]): AzureError {
  const identifiers = violations.map(({ unit: { assignment, definition, set } }) => ({
    policyAssignment: { name: assignment.displayName ?? assignment.name, id: assignment.id },
    policyDefinition: {
      name: definition.displayName ?? definition.name,
      id: definition.id,
      version: definition.version,
    },
    ...(set && { policySetDefinition: { name: set.displayName ?? set.name, id: set.id, version: set.version } }),
  }));
  const reasons = violations.flatMap((violation) => messageOf(violation) ?? []);
  const why =
    reasons.length > 0 ? ` Reasons: '${reasons.join("' '")}'. See error details for policy resource IDs.` : "";
  return new AzureError(
    403,
    "RequestDisallowedByPolicy",
    `Resource '${target.name}' was disallowed by policy.${why} Policy identifiers: '${JSON.stringify(identifiers)}'.`,
    { target: target.name, additionalInfo: violations.map(violationInfo) },
  );
}

function messageOf({ unit: { assignment, member }, reason }: Violation): string | undefined {
  const reference = member?.referenceId.toLowerCase();
  const messages = assignment.nonComplianceMessages;
  const own = messages.find(
    ({ policyDefinitionReferenceId: id }) => id !== undefined && id.toLowerCase() === reference,
  );
  return (own ?? messages.find(({ policyDefinitionReferenceId: id }) => id === undefined))?.message ?? reason;
}

function violationInfo({ unit }: Violation) {
  const { assignment, definition, set, member } = unit;
  return {
    type: "PolicyViolation",
    info: {
      policyDefinitionDisplayName: definition.displayName ?? definition.name,
      ...(set && { policySetDefinitionDisplayName: set.displayName ?? set.name, policySetDefinitionId: set.id }),
      ...(member && { policyDefinitionReferenceId: member.referenceId }),
      policyDefinitionId: definition.id,
      policyDefinitionName: definition.name,
      policyDefinitionEffect: unit.effect,
      policyDefinitionVersion: definition.version,
      policyAssignmentId: assignment.id,
      policyAssignmentName: assignment.name,
      policyAssignmentDisplayName: assignment.displayName ?? assignment.name,
      policyAssignmentScope: assignment.scope,
      policyAssignmentParameters: Object.fromEntries(
        Object.entries(assignment.parameters).map(([name, value]) => [name, { value }]),
      ),
      policyExemptionIds: [],
    },
  };
}
