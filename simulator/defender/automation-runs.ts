import { normaliseScope, scopeCovers } from "../access";
import type { Context } from "../context";
import type { AutomationRule, DefenderAlert, SecurityAutomation } from "./documents";

/**
 * Lets every security automation answer a new alert: one that is on, has the alert's resource in its scopes, and whose
 * rules fit. Nothing stands behind a Logic App or an Event Hub here, so what is left of an action is the note of it.
 */
export function runAutomations(context: Context, alert: DefenderAlert): void {
  for (const automation of context.model.securityAutomations.values()) {
    if (!automation.isEnabled || !inScope(automation, alert) || !fits(automation, alert)) continue;
    context.model.automationRuns.put(`${automation.id}/${alert.name}`, {
      automationId: automation.id,
      alertName: alert.name,
      at: context.now(),
      actionTypes: automation.actions.map(({ actionType }) => String(actionType)),
    });
  }
}

function inScope({ scopes }: SecurityAutomation, alert: DefenderAlert): boolean {
  const at = normaliseScope(alert.resourceId);
  return scopes.some(({ scopePath }) => scopeCovers(normaliseScope(scopePath), at));
}

/** Rule sets of a source are alternatives, rules of a set must all hold; a source without any takes everything. */
function fits({ sources }: SecurityAutomation, alert: DefenderAlert): boolean {
  return sources
    .filter(({ eventSource }) => eventSource === "Alerts")
    .some(
      ({ ruleSets }) =>
        ruleSets.length === 0 || ruleSets.some(({ rules }) => rules.every((rule) => holds(rule, alert))),
    );
}

/** The alert as automations see it. Paths name a field with or without what stands before it: `$.Entity.Severity`. */
function fieldsOf(alert: DefenderAlert): Record<string, string> {
  return {
    alerttype: alert.alertType,
    alertdisplayname: alert.displayName,
    severity: alert.severity,
    status: alert.status,
    intent: alert.intent,
    compromisedentity: alert.compromisedEntity,
    vendorname: "Microsoft",
    productname: "Microsoft Defender for Cloud",
    productcomponentname: "KeyVaults",
    description: alert.description,
    resourceid: alert.resourceId,
  };
}

function holds(rule: AutomationRule, alert: DefenderAlert): boolean {
  const found = fieldsOf(alert)[rule.propertyJPath.toLowerCase().split(".").pop() ?? ""];
  if (found === undefined) return false;
  const order = rule.propertyType === "Integer" || rule.propertyType === "Number" ? byNumber : byText;
  return OPERATORS[rule.operator]?.(found.toLowerCase(), rule.expectedValue.toLowerCase(), order) ?? false;
}

type Order = (a: string, b: string) => number;
const byNumber: Order = (a, b) => Number(a) - Number(b);
const byText: Order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** Comparisons of a rule by name; text compares without case. */
export const OPERATORS: Readonly<Record<string, (found: string, expected: string, order: Order) => boolean>> = {
  Equals: (found, expected, order) => order(found, expected) === 0,
  NotEquals: (found, expected, order) => order(found, expected) !== 0,
  GreaterThan: (found, expected, order) => order(found, expected) > 0,
  GreaterThanOrEqualTo: (found, expected, order) => order(found, expected) >= 0,
  LesserThan: (found, expected, order) => order(found, expected) < 0,
  LesserThanOrEqualTo: (found, expected, order) => order(found, expected) <= 0,
  Contains: (found, expected) => found.includes(expected),
  StartsWith: (found, expected) => found.startsWith(expected),
  EndsWith: (found, expected) => found.endsWith(expected),
};
