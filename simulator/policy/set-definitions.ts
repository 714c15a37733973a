import { z } from "zod";
import { recordActivity } from "../arm/activity";
import { badRequest } from "../arm/errors";
import { created, noContent, ok } from "../arm/respond";
import { authorize } from "../arm/scope";
import type { Call } from "../context";
import { AzureError, type Router, type SimResponse } from "../http";
import { setBody } from "./bodies";
import {
  authorship,
  checkLimit,
  checkMetadata,
  checkName,
  checkParameterDefinitions,
  checkParameterValue,
  JsonObjectBody,
  readPolicyBody,
  refusing,
  Text,
} from "./body-rules";
import { BUILT_IN_SETS } from "./built-in";
import { definitionOf, parametersOf, valuesOf } from "./catalog";
import { definitionNotFound } from "./definitions";
import type { PolicySetDefinition, SetMember } from "./documents";
import { textsOf } from "./json";
import { compileValue, isExpression } from "./language/expression";
import type { ParameterDefinition } from "./language/rule";
import { holdsAt, policyFilter, policyPage, requireHome, scopeOfId } from "./lists";

const TYPE = "providers/Microsoft.Authorization/policySetDefinitions";
const ACTION = "Microsoft.Authorization/policySetDefinitions";
/** Source of the limits: Azure Policy limits, Microsoft Learn. */
const PER_SCOPE_MAX = 200;
const MEMBERS_MAX = 1000;
const PARAMETERS_MAX = 400;

const Body = z.object({
  properties: z.object({
    ...Text,
    policyType: z.enum(["NotSpecified", "BuiltIn", "Custom", "Static"]).nullish(),
    metadata: JsonObjectBody.nullish(),
    parameters: JsonObjectBody.nullish(),
    version: z
      .string()
      .regex(/^\d{1,5}\.\d{1,5}\.\d{1,5}(-[\w.]{1,32})?$/, "must read 1.0.0")
      .nullish(),
    policyDefinitions: z
      .array(
        z.object({
          policyDefinitionId: z.string().min(1).max(1024),
          policyDefinitionReferenceId: z.string().max(128).nullish(),
          definitionVersion: z.string().max(32).nullish(),
          parameters: JsonObjectBody.nullish(),
          groupNames: z.array(z.string().max(260)).max(16).nullish(),
        }),
      )
      .min(1)
      .max(MEMBERS_MAX),
    policyDefinitionGroups: z.array(z.record(z.string(), z.json())).max(150).nullish(),
  }),
});

type Properties = z.infer<typeof Body>["properties"];

/** Initiatives: lists, get, put, delete, at management groups and subscriptions; the built-in ones at the tenant. */
export function routePolicySets(router: Router<Call>): void {
  router.on("GET", `/${TYPE}`, (call) => ok(list(call, [...BUILT_IN_SETS.values()], undefined)));

  router.on("GET", `/${TYPE}/{n}`, (_, params) => {
    const found = BUILT_IN_SETS.get(`/${TYPE}/${params.n}`.toLowerCase());
    if (!found) throw setNotFound(params.n ?? "");
    return ok(setBody(found));
  });

  router.on("GET", `/{scope*}/${TYPE}`, (call, params) => {
    const scope = params.scope ?? "";
    authorize(call, `${ACTION}/read`, scope);
    const { id } = requireHome(call, scope);
    const own = [...call.model.policySetDefinitions.values()].filter((found) => holdsAt(call, scopeOfId(found.id), id));
    return ok(list(call, [...own, ...BUILT_IN_SETS.values()], id));
  });

  router.on("GET", `/{scope*}/${TYPE}/{n}`, (call, params) => {
    authorize(call, `${ACTION}/read`, params.scope ?? "");
    const { id } = requireHome(call, params.scope ?? "");
    const found = call.model.policySetDefinitions.get(`${id}/${TYPE}/${params.n}`);
    if (!found) throw setNotFound(params.n ?? "");
    return ok(setBody(found));
  });

  router.on("PUT", `/{scope*}/${TYPE}/{n}`, put);
  router.on("DELETE", `/{scope*}/${TYPE}/{n}`, remove);
}

/** 404 of an initiative that is not there. */
export function setNotFound(name: string): AzureError {
  return new AzureError(404, "PolicySetDefinitionNotFound", `The policy set definition '${name}' could not be found.`);
}

function list(call: Call, sets: PolicySetDefinition[], scope: string | undefined) {
  const filter = policyFilter(call, ["atexactscope"], ["policytype", "category"]);
  const type = filter.equals.get("policytype")?.toLowerCase();
  const category = filter.equals.get("category")?.toLowerCase();
  const found = sets.filter(
    ({ id, builtIn, metadata }) =>
      (type === undefined || type === (builtIn ? "builtin" : "custom")) &&
      (category === undefined || String(metadata.category ?? "").toLowerCase() === category) &&
      (!filter.functions.has("atexactscope") || scopeOfId(id).toLowerCase() === (scope ?? "").toLowerCase()),
  );
  return policyPage(call, found.map(setBody));
}

function put(call: Call, params: Record<string, string>): SimResponse {
  const name = params.n ?? "";
  authorize(call, `${ACTION}/write`, params.scope ?? "");
  const { id: scope } = requireHome(call, params.scope ?? "");
  checkName(name, 64, "policy set definition");
  const { properties } = readPolicyBody(call, Body);
  const id = `${scope}/${TYPE}/${name}`;
  const present = call.model.policySetDefinitions.get(id);
  const set = setFrom(call, present?.id ?? id, present?.name ?? name, properties, present);
  if (!present) {
    const others = [...call.model.policySetDefinitions.values()].filter((other) => scopeOfId(other.id) === scope);
    checkLimit(others.length, PER_SCOPE_MAX, "policy set definitions", scope);
  }
  call.model.policySetDefinitions.put(id, set);
  recordActivity(call, { action: `${ACTION}/write`, scope: set.id, status: present ? 200 : 201 });
  return present ? ok(setBody(set)) : created(setBody(set));
}

function setFrom(
  call: Call,
  id: string,
  name: string,
  properties: Properties,
  present?: PolicySetDefinition,
): PolicySetDefinition {
  const { displayName, description, policyType, version } = properties;
  if (policyType === "BuiltIn" || policyType === "Static") {
    throw badRequest(
      `The policy set definition '${name}' cannot be of the type '${policyType}'.`,
      "InvalidPolicyDefinitionType",
    );
  }
  const parameters = properties.parameters ?? {};
  const declared = parametersOf(parameters);
  checkParameterDefinitions(`policy set definition '${name}'`, declared, PARAMETERS_MAX);
  const groups = properties.policyDefinitionGroups ?? [];
  const members = properties.policyDefinitions.map((given, place) => memberFrom(call, id, given, place));
  checkReferences(name, members, groups);
  for (const member of members) checkMember(call, name, member, declared);
  return {
    ...authorship(call, present),
    id,
    name,
    ...(displayName ? { displayName } : {}),
    ...(description ? { description } : {}),
    metadata: checkMetadata(properties.metadata),
    version: version ?? present?.version ?? "1.0.0",
    parameters,
    members,
    groups,
  };
}

function memberFrom(call: Call, id: string, given: Properties["policyDefinitions"][number], place: number): SetMember {
  const definition = definitionOf(call, given.policyDefinitionId);
  const home = definition && scopeOfId(definition.id);
  if (!definition || (home !== "" && !holdsAt(call, home ?? "", scopeOfId(id)))) {
    throw definitionNotFound(given.policyDefinitionId.split("/").pop() ?? "");
  }
  return {
    policyDefinitionId: definition.id,
    // The service makes a number of its own where none is given; it has to stay the same for the same member.
    referenceId: given.policyDefinitionReferenceId || `${definition.name}_${place + 1}`.slice(0, 128),
    parameters: given.parameters ?? {},
    groupNames: given.groupNames ?? [],
    ...(given.definitionVersion ? { definitionVersion: given.definitionVersion } : {}),
  };
}

function checkReferences(name: string, members: readonly SetMember[], groups: PolicySetDefinition["groups"]): void {
  const ids = members.map(({ referenceId }) => referenceId.toLowerCase());
  const twice = ids.find((id, place) => ids.indexOf(id) !== place);
  if (twice !== undefined) {
    throw badRequest(
      `The policy set definition '${name}' has more than one policy with the reference id '${twice}'.`,
      "DuplicatePolicyDefinitionReferenceId",
    );
  }
  const known = new Set(groups.map((group) => String(group.name).toLowerCase()));
  const stray = members.flatMap(({ groupNames }) => groupNames).find((group) => !known.has(group.toLowerCase()));
  if (stray !== undefined) {
    throw badRequest(
      `The policy set definition '${name}' has no policy definition group '${stray}'.`,
      "PolicyDefinitionGroupNotFound",
    );
  }
}

/** What a member is given must be parameters of its definition, and every parameter without a default must be given. */
function checkMember(
  call: Call,
  name: string,
  member: SetMember,
  declared: ReadonlyMap<string, ParameterDefinition>,
): void {
  const definition = definitionOf(call, member.policyDefinitionId);
  const wanted = parametersOf(definition?.parameters ?? {});
  const given = valuesOf(member.parameters);
  const label = definition?.name ?? "";
  const stray = Object.keys(given).find((one) => !wanted.has(one.toLowerCase()));
  if (stray !== undefined) {
    throw badRequest(
      `The policy set definition '${name}' is attempting to assign the parameter(s) '${stray}' which are not defined in the policy definition '${label}'.`,
      "UndefinedPolicyParameter",
    );
  }
  const names = new Set(Object.keys(given).map((one) => one.toLowerCase()));
  const missing = [...wanted].filter(([one, { defaultValue }]) => defaultValue === undefined && !names.has(one));
  if (missing.length > 0) {
    throw badRequest(
      `The policy set definition '${name}' is missing the parameter(s) '${missing.map(([one]) => one).join(",")}' as defined in the policy definition '${label}'.`,
      "MissingPolicyParameter",
    );
  }
  for (const [one, value] of Object.entries(given)) {
    const { literal } = refusing(() => compileValue(value));
    const parameter = wanted.get(one.toLowerCase());
    if (literal !== undefined && parameter) checkParameterValue(label, one, literal, parameter);
    checkUses(name, value, declared);
  }
}

function checkUses(
  name: string,
  value: SetMember["parameters"][string],
  declared: ReadonlyMap<string, ParameterDefinition>,
): void {
  for (const { text } of textsOf(value)) {
    if (!isExpression(text)) continue;
    for (const match of text.matchAll(/parameters\(\s*'([^']+)'\s*\)/gi)) {
      if (declared.has((match[1] ?? "").toLowerCase())) continue;
      throw badRequest(
        `The policy set definition '${name}' uses the parameter '${match[1]}' which it does not define.`,
        "UndefinedPolicyParameter",
      );
    }
  }
}

function remove(call: Call, params: Record<string, string>): SimResponse {
  authorize(call, `${ACTION}/delete`, params.scope ?? "");
  const { id: scope } = requireHome(call, params.scope ?? "");
  const found = call.model.policySetDefinitions.get(`${scope}/${TYPE}/${params.n}`);
  if (!found) return noContent();
  const id = found.id.toLowerCase();
  const user = [...call.model.policyAssignments.values()].find((one) => one.policyDefinitionId.toLowerCase() === id);
  if (user) {
    throw badRequest(
      `The policy set definition '${found.name}' cannot be deleted. It is referenced by the policy assignment '${user.id}'. Please delete all policy assignments referencing the policy.`,
      "InvalidDeletePolicySetDefinitionRequest",
    );
  }
  call.model.policySetDefinitions.delete(found.id);
  recordActivity(call, { action: `${ACTION}/delete`, scope: found.id, status: 200 });
  return { status: 200 };
}
