import type { Context } from "../context";
import type { DefenderAlert, SuppressionRule } from "./documents";

/** The rule that dismisses a new alert: enabled, not expired, of its type (`*` is any), with all conditions met. */
export function suppressing(context: Context, alert: DefenderAlert): SuppressionRule | undefined {
  for (const rule of context.model.suppressionRules.values()) {
    if (rule.subscriptionId.toLowerCase() !== alert.subscriptionId.toLowerCase()) continue;
    if (!rule.enabled || isExpired(rule, context.now())) continue;
    const type = rule.alertType.toLowerCase();
    if (type !== "*" && type !== alert.alertType.toLowerCase()) continue;
    if (rule.allOf.every((condition) => holds(condition, alert))) return rule;
  }
  return undefined;
}

/** True once the date of a rule has passed: it is then shown as expired and does nothing. */
export function isExpired(rule: SuppressionRule, now: number): boolean {
  return rule.expiresAt !== undefined && rule.expiresAt <= now;
}

function holds({ field, in: list, contains }: SuppressionRule["allOf"][number], alert: DefenderAlert): boolean {
  const values = valuesOf(field, alert).map((value) => value.toLowerCase());
  if (list !== undefined) return list.some((wanted) => values.includes(wanted.toLowerCase()));
  return contains !== undefined && values.some((value) => value.includes(contains.toLowerCase()));
}

/** Values at `entities.ip.address`, `entities.azureresource.resourceid`, `extendedProperties.x` or a field of the alert. */
function valuesOf(field: string, alert: DefenderAlert): string[] {
  const [root = "", kind = "", name = ""] = field.toLowerCase().split(".");
  if (root === "entities") {
    const wanted = kind.replaceAll("-", "");
    return alert.entities
      .filter(({ type }) => String(type).replaceAll("-", "").toLowerCase() === wanted)
      .flatMap((entity) => textsAt(entity, name));
  }
  if (root === "extendedproperties") return textsAt(alert.extendedProperties, kind);
  return textsAt({ ...alert }, root);
}

function textsAt(bag: Record<string, unknown>, name: string): string[] {
  return Object.entries(bag).flatMap(([key, value]) =>
    key.toLowerCase() === name && typeof value === "string" ? [value] : [],
  );
}
