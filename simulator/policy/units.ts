import { normaliseScope, scopeCovers } from "../access";
import type { Context } from "../context";
import type { Model } from "../model";
import { definitionOf, parametersOf, ruleOf, setOf, valuesOf } from "./catalog";
import type { PolicyAssignment, PolicyDefinition, PolicySetDefinition, Selector, SetMember } from "./documents";
import { reachOf } from "./hierarchy";
import type { Json, JsonObject } from "./json";
import { type Effect, isEffect } from "./language/effects";
import { RuleError, TemplateError } from "./language/errors";
import { compileValue } from "./language/expression";
import type { CompiledRule } from "./language/rule";
import type { Evaluate, Scope } from "./language/scope";
import type { Target } from "./resources";

/** One policy as one assignment applies it: the smallest thing that has a compliance state on a resource. */
export interface Unit {
  /** `{assignment id}|{reference id}`, lower case. */
  key: string;
  assignment: PolicyAssignment;
  definition: PolicyDefinition;
  set?: PolicySetDefinition;
  member?: SetMember;
  rule: CompiledRule;
  /** Values by lower-case name, defaults filled in. */
  parameters: ReadonlyMap<string, Json>;
  effect: Effect;
}

const kept = new WeakMap<Model, { version: string; units: readonly Unit[] }>();

/** Every unit of every assignment. What an assignment points to and is not there gives none. */
export function unitsOf(context: Context): readonly Unit[] {
  const { policyAssignments, policyDefinitions, policySetDefinitions } = context.model;
  const version = `${policyAssignments.version}.${policyDefinitions.version}.${policySetDefinitions.version}`;
  let known = kept.get(context.model);
  if (known?.version !== version) {
    const units = [...policyAssignments.values()].flatMap((assignment) => unitsOfAssignment(context, assignment));
    known = { version, units };
    kept.set(context.model, known);
  }
  return known.units;
}

/** The units of one assignment: one, or one for each member of its initiative. */
export function unitsOfAssignment(context: Context, assignment: PolicyAssignment): Unit[] {
  const set = setOf(context, assignment.policyDefinitionId);
  if (!set) {
    const definition = definitionOf(context, assignment.policyDefinitionId);
    const unit = definition && makeUnit(assignment, definition, assignment.parameters);
    return unit ? [unit] : [];
  }
  const values = withDefaults(set.parameters, assignment.parameters);
  return set.members.flatMap((member) => {
    const definition = definitionOf(context, member.policyDefinitionId);
    const given = definition && memberValues(member.parameters, values);
    const unit = given && makeUnit(assignment, definition, given, { set, member });
    return unit ? [unit] : [];
  });
}

function makeUnit(
  assignment: PolicyAssignment,
  definition: PolicyDefinition,
  given: Readonly<Record<string, Json>>,
  of?: { set: PolicySetDefinition; member: SetMember },
): Unit | undefined {
  const parameters = withDefaults(definition.parameters, given);
  const rule = ruleOf(definition);
  const effect = overridden(assignment, of?.member) ?? textOf(rule.effect, parameters);
  if (effect === undefined || !isEffect(effect)) return undefined;
  const key = `${assignment.id}|${of?.member.referenceId ?? ""}`.toLowerCase();
  return { key, assignment, definition, ...of, rule, parameters, effect };
}

function withDefaults(definitions: JsonObject, given: Readonly<Record<string, Json>>): Map<string, Json> {
  const values = new Map<string, Json>();
  for (const [name, { defaultValue }] of parametersOf(definitions)) {
    if (defaultValue !== undefined) values.set(name, defaultValue);
  }
  for (const [name, value] of Object.entries(given)) values.set(name.toLowerCase(), value);
  return values;
}

/** What an initiative hands to a member: its values may be expressions over the initiative's own parameters. */
function memberValues(source: JsonObject, parameters: ReadonlyMap<string, Json>): Record<string, Json> | undefined {
  const pairs: [string, Json][] = [];
  for (const [name, value] of Object.entries(valuesOf(source))) {
    const worked = workedOut(compileValue(value).evaluate, parameters);
    if (worked !== undefined) pairs.push([name, worked]);
  }
  return Object.fromEntries(pairs);
}

function textOf(evaluate: Evaluate, parameters: ReadonlyMap<string, Json>): string | undefined {
  const value = workedOut(evaluate, parameters);
  return typeof value === "string" ? value.toLowerCase() : undefined;
}

const NOWHERE: Scope["resource"] = {
  id: "",
  name: "",
  fullName: "",
  type: "",
  properties: () => ({}),
  subscription: { id: "", subscriptionId: "", displayName: "" },
};

/** A value that depends on parameters only; undefined when it depends on more. */
export function workedOut(evaluate: Evaluate, parameters: ReadonlyMap<string, Json>): Json | undefined {
  try {
    return evaluate({ resource: NOWHERE, parameters, now: 0, assignmentId: "", definitionId: "", elements: [] });
  } catch (error) {
    if (error instanceof TemplateError || error instanceof RuleError) return undefined;
    throw error;
  }
}

function overridden({ overrides }: PolicyAssignment, of: SetMember | undefined): string | undefined {
  const reference = of?.referenceId.toLowerCase() ?? "";
  const found = overrides.find(
    ({ kind, selectors }) =>
      kind.toLowerCase() === "policyeffect" &&
      selectors.every(
        (selector) => /^policyDefinitionReferenceId$/i.test(selector.kind) && selects(selector, reference),
      ),
  );
  return found?.value.toLowerCase();
}

function selects(selector: Selector, value: string): boolean {
  const among = (list: readonly string[]) => list.some((item) => item.toLowerCase() === value.toLowerCase());
  return (!selector.in || among(selector.in)) && !(selector.notIn && among(selector.notIn));
}

/** A test for the targets at or below a scope, management groups included. */
export function scopeTest(context: Pick<Context, "model">, scope: string): (target: Target) => boolean {
  const reach = reachOf(context.model, normaliseScope(scope));
  const subscriptions = new Set(reach.flatMap((one) => /^\/subscriptions\/([^/]+)$/.exec(one)?.[1] ?? []));
  if (subscriptions.size > 0) return ({ subscriptionKey }) => subscriptions.has(subscriptionKey);
  return ({ key }) => reach.some((one) => scopeCovers(one, key));
}

/** A test for the targets that an assignment is for: its scope without the excluded ones, narrowed by its selectors. */
export function coverageOf(context: Pick<Context, "model">, assignment: PolicyAssignment): (target: Target) => boolean {
  const inside = scopeTest(context, assignment.scope);
  const excluded = assignment.notScopes.map((scope) => scopeTest(context, scope));
  const { resourceSelectors } = assignment;
  return (target) => inside(target) && !excluded.some((test) => test(target)) && selectedBy(resourceSelectors, target);
}

/** Any of the lists, and in it every selector. */
export function selectedBy(lists: PolicyAssignment["resourceSelectors"], target: Target): boolean {
  if (lists.length === 0) return true;
  return lists.some(({ selectors }) =>
    selectors.every((selector) => {
      switch (selector.kind.toLowerCase()) {
        case "resourcelocation":
          return target.location !== undefined && selects(selector, target.location);
        case "resourcetype":
          return selects(selector, target.type);
        case "resourcewithoutlocation":
          return target.location === undefined;
        default:
          return true;
      }
    }),
  );
}
