import { type PolicyFinding, scopeOf } from "./judge";
import { TemplateError } from "./language/errors";

/**
 * Two policies that would give one field of a resource two values are in conflict there: neither can be put right by
 * remediating. Marks such findings. Source: "Azure Policy compliance states", Microsoft Learn.
 */
export function findConflicts(byUnit: ReadonlyMap<string, Map<string, PolicyFinding>>): void {
  const changing = [...byUnit.values()].filter((findings) => {
    for (const { unit } of findings.values()) return unit.effect === "modify" || unit.effect === "append";
    return false;
  });
  if (changing.length < 2) return;
  const wishes = new Map<string, { value: string; finding: PolicyFinding; findings: Map<string, PolicyFinding> }[]>();
  for (const findings of changing) {
    for (const finding of findings.values()) {
      if (finding.state !== "NonCompliant" && finding.state !== "Conflict") continue;
      for (const { field, value } of wishesOf(finding)) {
        const key = `${finding.target.key} ${field}`;
        const list = wishes.get(key) ?? [];
        list.push({ value, finding, findings });
        wishes.set(key, list);
      }
    }
  }
  for (const list of wishes.values()) {
    const state = new Set(list.map(({ value }) => value)).size > 1 ? "Conflict" : "NonCompliant";
    for (const { finding, findings } of list) findings.set(finding.target.key, { ...finding, state });
  }
}

function wishesOf({ unit, target, at }: PolicyFinding): { field: string; value: string }[] {
  const scope = scopeOf(unit, target, at);
  try {
    return unit.rule.details.operations
      .filter((operation) => operation.condition(scope) === true)
      .map((operation) => ({
        field: String(operation.field(scope)).toLowerCase(),
        value: operation.kind === "remove" ? "" : JSON.stringify(operation.value(scope) ?? null),
      }));
  } catch (error) {
    if (error instanceof TemplateError) return [];
    throw error;
  }
}
