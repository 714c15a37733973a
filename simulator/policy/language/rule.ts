import { isObject, type Json, member, textsOf } from "../json";
import { type Condition, compileCondition } from "./conditions";
import { checkEffect, compileDetails, EFFECTS, type Effect, type EffectDetails } from "./effects";
import { invalidRule, RuleError } from "./errors";
import { compileValue, isExpression } from "./expression";
import type { Evaluate } from "./scope";

/** What a definition says of one of its parameters. */
export interface ParameterDefinition {
  type: string;
  allowedValues?: readonly Json[];
  defaultValue?: Json;
}

/** A rule that can judge resources. */
export interface CompiledRule {
  condition: Condition;
  effect: Evaluate;
  /** Every effect that an assignment may choose. */
  effects: readonly Effect[];
  details: EffectDetails;
}

/**
 * Compiles the `policyRule` of a definition.
 * @param parameters by lower-case name.
 * @throws RuleError with Azure's code and a sentence: an unknown condition, effect, alias or function, parameters that
 * are used and not defined or defined and not used.
 */
export function compileRule(
  name: string,
  rule: Json | undefined,
  parameters: ReadonlyMap<string, ParameterDefinition>,
): CompiledRule {
  if (!isObject(rule)) throw invalidRule(`The policy definition '${name}' has no rule.`);
  const unknown = Object.keys(rule).find((key) => !["if", "then"].includes(key.toLowerCase()));
  if (unknown !== undefined) throw invalidRule(`The property '${unknown}' is not part of a policy rule.`);
  checkParameters(name, rule, parameters);
  const then = member(rule, "then");
  const effect = member(then, "effect");
  if (typeof effect !== "string") throw invalidRule(`The rule of the policy definition '${name}' has no effect.`);
  const effects = effectsOf(effect, parameters);
  return {
    condition: compileCondition(member(rule, "if")),
    effect: compileValue(effect).evaluate,
    effects,
    details: compileDetails(effects, member(then, "details")),
  };
}

function effectsOf(effect: string, parameters: ReadonlyMap<string, ParameterDefinition>): Effect[] {
  if (!isExpression(effect)) return [checkEffect(effect)];
  const name = /^\[\s*parameters\(\s*'([^']+)'\s*\)\s*\]$/i.exec(effect)?.[1]?.toLowerCase();
  const parameter = name === undefined ? undefined : parameters.get(name);
  if (!parameter) throw invalidRule(`The effect '${effect}' must be a name or one parameter.`);
  const { allowedValues, defaultValue } = parameter;
  const values = allowedValues ?? (defaultValue === undefined ? [...EFFECTS].slice(0, 3) : [defaultValue]);
  return values.map((value) => checkEffect(String(value)));
}

const USE = /parameters\(\s*'((?:[^']|'')+)'\s*\)/gi;

/** The template that deployIfNotExists deploys has parameters of its own, so it is not looked into. */
function checkParameters(name: string, rule: Json, parameters: ReadonlyMap<string, ParameterDefinition>): void {
  const used = new Set<string>();
  for (const { path, text } of textsOf(rule)) {
    if (!isExpression(text) || path.some((part) => part.toLowerCase() === "template")) continue;
    for (const match of text.matchAll(USE)) used.add(match[1] ?? "");
  }
  const undefinedName = [...used].find((one) => !parameters.has(one.toLowerCase()));
  if (undefinedName !== undefined) {
    throw new RuleError(
      "InvalidPolicyParameters",
      `A function or parameter in policy '${name}' could not be validated. If using template functions, try following the tips in: https://aka.ms/policy-avoiding-template-failures. The inner exception 'The policy '${name}' has undefined parameter '${undefinedName}' which is used in the policy rule. Please either define it in policy definition or remove the reference in policy rule.'.`,
    );
  }
  const lower = new Set([...used].map((one) => one.toLowerCase()));
  const unused = [...parameters.keys()].filter((one) => !lower.has(one));
  if (unused.length > 0) {
    throw new RuleError(
      "UnusedPolicyParameters",
      `The policy '${name}' has defined parameters '${unused.join(",")}' which are not used in the policy rule. Please either remove these parameters from the definition or ensure that they are used in the policy rule.`,
    );
  }
}
