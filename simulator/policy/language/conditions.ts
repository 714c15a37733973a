import { isObject, type Json, type JsonObject, member } from "../json";
import { invalidRule, TemplateError } from "./errors";
import { compileValue, isExpression } from "./expression";
import { type Field, fieldNamed } from "./fields";
import { operatorNamed } from "./operators";
import type { Evaluate, Scope } from "./scope";

/** A compiled condition. */
export interface Condition {
  test(scope: Scope): boolean;
  /**
   * Whether the resource is one that the rule speaks of. Only `type`, `name` and `kind` count; every other condition
   * passes, which under a `not` means that it fails. Source: "Azure Policy applicability logic", Microsoft Learn.
   */
  applies(scope: Scope, negated: boolean): boolean;
}

/** Conditions nested in one another at most. */
const DEPTH_MAX = 40;

/** Compiles the `if` of a rule, or the condition of an effect. Throws `RuleError`. */
export function compileCondition(source: Json | undefined, depth = 0): Condition {
  if (!isObject(source)) throw invalidRule("A condition of the policy rule is not an object.");
  if (depth > DEPTH_MAX) throw invalidRule("The conditions of the policy rule are nested too deeply.");
  const names = Object.keys(source).map((name) => name.toLowerCase());
  if (names.includes("allof")) return allOf(single(source, names), depth);
  if (names.includes("anyof")) return anyOf(single(source, names), depth);
  if (names.includes("not")) return not(single(source, names), depth);
  if (names.includes("count")) return countLeaf(source, depth);
  if (names.includes("field")) return fieldLeaf(source);
  if (names.includes("value")) return valueLeaf(source);
  throw invalidRule(
    `A condition of the policy rule has none of 'field', 'value', 'count', 'allOf', 'anyOf' and 'not'.`,
  );
}

function single(source: JsonObject, names: readonly string[]): Json {
  if (names.length > 1) throw invalidRule(`The properties '${names.join("', '")}' cannot stand in one condition.`);
  return Object.values(source)[0] ?? null;
}

function several(source: Json, depth: number): Condition[] {
  if (!Array.isArray(source) || source.length === 0)
    throw invalidRule("'allOf' and 'anyOf' take a list of conditions.");
  return source.map((item) => compileCondition(item, depth + 1));
}

function allOf(source: Json, depth: number): Condition {
  const parts = several(source, depth);
  return {
    test: (scope) => parts.every((part) => part.test(scope)),
    applies: (scope, negated) => parts.every((part) => part.applies(scope, negated)),
  };
}

function anyOf(source: Json, depth: number): Condition {
  const parts = several(source, depth);
  return {
    test: (scope) => parts.some((part) => part.test(scope)),
    applies: (scope, negated) => parts.some((part) => part.applies(scope, negated)),
  };
}

function not(source: Json, depth: number): Condition {
  const part = compileCondition(source, depth + 1);
  return { test: (scope) => !part.test(scope), applies: (scope, negated) => !part.applies(scope, !negated) };
}

/** The one comparison of a leaf, beside the names in `others`. */
function comparisonOf(source: JsonObject, others: readonly string[]) {
  const rest = Object.entries(source).filter(([name]) => !others.includes(name.toLowerCase()));
  const [name = "", right = null] = rest[0] ?? [];
  const operator = operatorNamed(name);
  if (!operator || rest.length !== 1) {
    const unknown = rest.find(([key]) => !operatorNamed(key))?.[0];
    throw invalidRule(
      unknown === undefined
        ? "A condition of the policy rule must have exactly one comparison."
        : `'${unknown}' is not a condition of the policy language.`,
    );
  }
  const compiled = compileValue(right);
  const fault = compiled.literal === undefined ? undefined : operator.fault(compiled.literal);
  if (fault !== undefined) throw invalidRule(`The condition '${name}' ${fault}.`);
  return { operator, name: name.toLowerCase(), right: compiled.evaluate };
}

function fieldLeaf(source: JsonObject): Condition {
  const named = member(source, "field");
  if (typeof named !== "string") throw invalidRule("The 'field' of a condition must be text.");
  const { operator, right } = comparisonOf(source, ["field"]);
  const field = fieldOf(named);
  const test = (scope: Scope): boolean => {
    const { read, each } = field(scope);
    const wanted = right(scope) ?? null;
    const list = each?.(scope);
    return list ? list.every((value) => operator.holds(value, wanted)) : operator.holds(read(scope), wanted);
  };
  const decides = !isExpression(named) && fieldNamed(named).decides !== undefined;
  return { test, applies: decides ? test : (_, negated) => !negated };
}

/** A field by name, or by an expression that gives the name for each assignment. */
function fieldOf(named: string): (scope: Scope) => Field {
  if (!isExpression(named)) {
    const field = fieldNamed(named);
    return () => field;
  }
  const { evaluate } = compileValue(named);
  return (scope) => {
    const name = evaluate(scope);
    if (typeof name !== "string") throw new TemplateError("The 'field' of a condition is not text.");
    return fieldNamed(name);
  };
}

function valueLeaf(source: JsonObject): Condition {
  const { evaluate } = compileValue(member(source, "value") ?? null);
  const { operator, name, right } = comparisonOf(source, ["value"]);
  return {
    test: (scope) => {
      const left = evaluate(scope);
      // What an expression does not find compares as empty text; only `exists` tells the two apart.
      return operator.holds(name === "exists" ? left : (left ?? ""), right(scope) ?? null);
    },
    applies: (_, negated) => !negated,
  };
}

function countLeaf(source: JsonObject, depth: number): Condition {
  const count = member(source, "count");
  if (!isObject(count)) throw invalidRule("'count' takes an object.");
  const { operator, right } = comparisonOf(source, ["count"]);
  const { key, values } = counted(count);
  const where = member(count, "where");
  const condition = where === undefined ? undefined : compileCondition(where, depth + 1);
  return {
    test: (scope) => {
      let number = 0;
      for (const value of values(scope)) {
        if (!condition || condition.test({ ...scope, elements: [...scope.elements, { key, value }] })) number++;
      }
      return operator.holds(number, right(scope) ?? null);
    },
    applies: (_, negated) => !negated,
  };
}

function counted(count: JsonObject): { key: string; values: (scope: Scope) => Json[] } {
  const field = member(count, "field");
  if (typeof field === "string") {
    const { each } = fieldNamed(field);
    if (!each) throw invalidRule(`The field '${field}' of 'count' must be a list alias that ends in '[*]'.`);
    return { key: field.toLowerCase(), values: (scope) => each(scope) ?? [] };
  }
  const value = member(count, "value");
  const name = member(count, "name");
  if (value === undefined || (name !== undefined && typeof name !== "string")) {
    throw invalidRule("'count' takes a 'field', or a 'value' with a 'name'.");
  }
  return { key: (name ?? "").toLowerCase(), values: listOf(compileValue(value).evaluate) };
}

/** Members of a counted value at most. Source: Azure Policy limits. */
const COUNTED_MAX = 100;

function listOf(evaluate: Evaluate): (scope: Scope) => Json[] {
  return (scope) => {
    const value = evaluate(scope);
    if (!Array.isArray(value)) throw new TemplateError("The 'value' of 'count' is not a list.");
    if (value.length > COUNTED_MAX) throw new TemplateError(`'count' takes ${COUNTED_MAX} members at most.`);
    return value;
  };
}
