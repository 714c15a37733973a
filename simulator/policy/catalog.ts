import type { Context } from "../context";
import { BUILT_IN_DEFINITIONS, BUILT_IN_SETS } from "./built-in";
import type { PolicyDefinition, PolicySetDefinition } from "./documents";
import { isObject, type Json, type JsonObject, member, textMember } from "./json";
import { type CompiledRule, compileRule, type ParameterDefinition } from "./language/rule";

/** The definition of that id: one of the tenant's own, or a built-in one. */
export function definitionOf(context: Pick<Context, "model">, id: string): PolicyDefinition | undefined {
  return context.model.policyDefinitions.get(id) ?? BUILT_IN_DEFINITIONS.get(id.toLowerCase());
}

/** The initiative of that id. */
export function setOf(context: Pick<Context, "model">, id: string): PolicySetDefinition | undefined {
  return context.model.policySetDefinitions.get(id) ?? BUILT_IN_SETS.get(id.toLowerCase());
}

/** What a definition or initiative says of its parameters, by lower-case name. What is not a parameter is left out. */
export function parametersOf(parameters: JsonObject): Map<string, ParameterDefinition> {
  const all = new Map<string, ParameterDefinition>();
  for (const [name, source] of Object.entries(parameters)) {
    const type = textMember(source, "type");
    if (type === undefined) continue;
    const allowedValues = member(source, "allowedValues");
    const defaultValue = member(source, "defaultValue");
    all.set(name.toLowerCase(), {
      type,
      ...(Array.isArray(allowedValues) ? { allowedValues } : {}),
      ...(defaultValue === undefined ? {} : { defaultValue }),
    });
  }
  return all;
}

const compiled = new WeakMap<PolicyDefinition, CompiledRule>();

/** The definition's rule, compiled once. Throws `RuleError`, which a definition that was stored does not do. */
export function ruleOf(definition: PolicyDefinition): CompiledRule {
  let rule = compiled.get(definition);
  if (!rule) {
    rule = compileRule(definition.name, definition.policyRule, parametersOf(definition.parameters));
    compiled.set(definition, rule);
  }
  return rule;
}

/** `{ name: { value } }`, as bodies give values, by name. */
export function valuesOf(given: Json | undefined): Record<string, Json> {
  if (!isObject(given)) return {};
  const pairs: [string, Json][] = [];
  for (const [name, holder] of Object.entries(given)) {
    const value = member(holder, "value");
    if (value !== undefined) pairs.push([name, value]);
  }
  return Object.fromEntries(pairs);
}
