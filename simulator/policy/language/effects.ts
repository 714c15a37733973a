import { isObject, type Json, member } from "../json";
import { aliasNamed } from "./aliases";
import { type Condition, compileCondition } from "./conditions";
import { invalidRule, RuleError } from "./errors";
import { compileValue, isExpression } from "./expression";
import { fieldNamed } from "./fields";
import type { Evaluate } from "./scope";

/** Effects that the simulated tenant acts on, lower case. */
export const EFFECTS = [
  "audit",
  "deny",
  "disabled",
  "modify",
  "append",
  "auditifnotexists",
  "deployifnotexists",
] as const;
export type Effect = (typeof EFFECTS)[number];

/** Effects that Azure has and this tenant refuses by name. */
const ELSEWHERE = ["manual", "denyaction", "addtonetworkgroup", "mutate", "enforceopaconstraint", "enforceregopolicy"];

export function isEffect(name: string): name is Effect {
  return EFFECTS.some((effect) => effect === name);
}

/** One change that modify or append makes. */
export interface Operation {
  kind: "addorreplace" | "add" | "remove";
  field: Evaluate;
  value: Evaluate;
  condition: Evaluate;
}

/** What must exist beside the resource. */
export interface Related {
  /** Lower case, `microsoft.insights/diagnosticsettings`. */
  type: string;
  name?: Evaluate;
  condition?: Condition;
}

export interface EffectDetails {
  operations: Operation[];
  /** What happens when two policies change the same field: the request is refused unless this says otherwise. */
  conflictEffect: Evaluate;
  related?: Related;
  roleDefinitionIds: string[];
}

/** Types that the *IfNotExists effects can look for. */
const RELATED_TYPES = ["microsoft.insights/diagnosticsettings", "microsoft.security/pricings"];

/** Throws `RuleError` unless it is an effect that this tenant acts on. */
export function checkEffect(name: string): Effect {
  const lower = name.toLowerCase();
  if (isEffect(lower)) return lower;
  if (ELSEWHERE.includes(lower)) throw invalidRule(`The simulated tenant does not act on the effect '${name}'.`);
  throw invalidRule(`The policy effect '${name}' is invalid.`);
}

/** The details of a rule's effect, checked against every effect that the rule may take. Throws `RuleError`. */
export function compileDetails(effects: readonly Effect[], details: Json | undefined): EffectDetails {
  const modify = effects.includes("modify");
  const deploy = effects.includes("deployifnotexists");
  const compiled: EffectDetails = { operations: [], conflictEffect: () => "deny", roleDefinitionIds: [] };
  if (effects.includes("append")) {
    if (!Array.isArray(details) || details.length === 0)
      throw invalidRule("The effect 'append' takes a list of details.");
    compiled.operations = details.map((item) => operation("append", item));
  }
  if (modify) compiled.operations = modifyOperations(details, compiled);
  if (modify || deploy) compiled.roleDefinitionIds = roles(details);
  if (deploy || effects.includes("auditifnotexists")) compiled.related = related(details);
  if (deploy && !isObject(member(details, "deployment"))) {
    throw invalidRule("The effect 'deployIfNotExists' needs a 'deployment'.");
  }
  return compiled;
}

function modifyOperations(details: Json | undefined, compiled: EffectDetails): Operation[] {
  const conflict = member(details, "conflictEffect");
  if (conflict !== undefined) {
    const { evaluate, literal } = compileValue(conflict);
    const known = typeof literal === "string" && /^(audit|deny|disabled)$/i.test(literal);
    if (literal !== undefined && !known) throw invalidRule("The 'conflictEffect' must be audit, deny or disabled.");
    compiled.conflictEffect = evaluate;
  }
  const operations = member(details, "operations");
  if (!Array.isArray(operations) || operations.length === 0)
    throw invalidRule("The effect 'modify' needs 'operations'.");
  return operations.map((item) => operation("modify", item));
}

function operation(effect: "append" | "modify", source: Json): Operation {
  if (!isObject(source)) throw invalidRule(`An operation of the effect '${effect}' is not an object.`);
  const kind = effect === "append" ? "add" : String(member(source, "operation") ?? "").toLowerCase();
  if (kind !== "add" && kind !== "addorreplace" && kind !== "remove") {
    throw invalidRule(`The operation '${kind}' of the effect 'modify' must be addOrReplace, add or remove.`);
  }
  const field = member(source, "field");
  if (typeof field !== "string") throw invalidRule(`An operation of the effect '${effect}' names no 'field'.`);
  if (!isExpression(field)) checkTarget(field, kind);
  const value = member(source, "value");
  if (value === undefined && kind !== "remove") throw invalidRule(`The operation on '${field}' has no 'value'.`);
  const condition = member(source, "condition");
  return {
    kind,
    field: compileValue(field).evaluate,
    value: compileValue(value ?? null).evaluate,
    condition: condition === undefined ? () => true : compileValue(condition).evaluate,
  };
}

function checkTarget(field: string, kind: Operation["kind"]): void {
  if (fieldNamed(field).tag !== undefined) return;
  if (kind === "remove") throw invalidRule(`Only tags can be removed, not '${field}'.`);
  if (!aliasNamed(field)?.modifiable) {
    throw new RuleError(
      "InvalidPolicyRuleModifyDetails",
      `The field '${field}' cannot be changed by a policy: its alias is not modifiable.`,
    );
  }
}

function roles(details: Json | undefined): string[] {
  const ids = member(details, "roleDefinitionIds");
  const shaped = (id: Json): id is string =>
    typeof id === "string" &&
    /^\/(subscriptions\/[^/]+\/)?providers\/microsoft\.authorization\/roleDefinitions\/[^/]+$/i.test(id);
  if (!Array.isArray(ids) || ids.length === 0 || !ids.every(shaped)) {
    throw invalidRule("The effect needs 'roleDefinitionIds', a list of the ids of role definitions.");
  }
  return ids.filter(shaped);
}

function related(details: Json | undefined): Related {
  const type = member(details, "type");
  if (typeof type !== "string") throw invalidRule("The details of the effect name no 'type' to look for.");
  if (!RELATED_TYPES.includes(type.toLowerCase())) {
    throw invalidRule(`The simulated tenant does not look for related resources of the type '${type}'.`);
  }
  const name = member(details, "name");
  const condition = member(details, "existenceCondition");
  return {
    type: type.toLowerCase(),
    ...(name === undefined ? {} : { name: compileValue(name).evaluate }),
    ...(condition === undefined ? {} : { condition: compileCondition(condition) }),
  };
}
