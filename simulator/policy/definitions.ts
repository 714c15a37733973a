import { z } from "zod";
import { recordActivity } from "../arm/activity";
import { badRequest } from "../arm/errors";
import { created, noContent, ok } from "../arm/respond";
import { authorize } from "../arm/scope";
import type { Call } from "../context";
import { AzureError, type Router, type SimResponse } from "../http";
import { definitionBody } from "./bodies";
import {
  authorship,
  checkLimit,
  checkMetadata,
  checkName,
  checkParameterDefinitions,
  JsonObjectBody,
  readPolicyBody,
  refusing,
  Text,
} from "./body-rules";
import { BUILT_IN_DEFINITIONS } from "./built-in";
import { parametersOf, ruleOf } from "./catalog";
import type { PolicyDefinition } from "./documents";
import { holdsAt, policyFilter, policyPage, requireHome, scopeOfId } from "./lists";

const TYPE = "providers/Microsoft.Authorization/policyDefinitions";
const ACTION = "Microsoft.Authorization/policyDefinitions";
/** Source of the limits: Azure Policy limits, Microsoft Learn. */
const PER_SCOPE_MAX = 500;
const PARAMETERS_MAX = 20;

const Body = z.object({
  properties: z.object({
    ...Text,
    policyType: z.enum(["NotSpecified", "BuiltIn", "Custom", "Static"]).nullish(),
    mode: z.string().max(128).nullish(),
    metadata: JsonObjectBody.nullish(),
    parameters: JsonObjectBody.nullish(),
    policyRule: z.json(),
    version: z
      .string()
      .regex(/^\d{1,5}\.\d{1,5}\.\d{1,5}(-[\w.]{1,32})?$/, "must read 1.0.0")
      .nullish(),
  }),
});

/** Policy definitions: lists, get, put, delete, at management groups and subscriptions; the built-in ones at the tenant. */
export function routePolicyDefinitions(router: Router<Call>): void {
  router.on("GET", `/${TYPE}`, (call) => ok(list(call, [...BUILT_IN_DEFINITIONS.values()], undefined)));

  router.on("GET", `/${TYPE}/{n}`, (_, params) => {
    const found = BUILT_IN_DEFINITIONS.get(`/${TYPE}/${params.n}`.toLowerCase());
    if (!found) throw definitionNotFound(params.n ?? "");
    return ok(definitionBody(found));
  });

  router.on("GET", `/{scope*}/${TYPE}`, (call, params) => {
    const scope = params.scope ?? "";
    authorize(call, `${ACTION}/read`, scope);
    const { id } = requireHome(call, scope);
    const own = [...call.model.policyDefinitions.values()].filter((found) => holdsAt(call, scopeOfId(found.id), id));
    return ok(list(call, [...own, ...BUILT_IN_DEFINITIONS.values()], id));
  });

  router.on("GET", `/{scope*}/${TYPE}/{n}`, (call, params) => {
    authorize(call, `${ACTION}/read`, params.scope ?? "");
    const { id } = requireHome(call, params.scope ?? "");
    const found = call.model.policyDefinitions.get(`${id}/${TYPE}/${params.n}`);
    if (!found) throw definitionNotFound(params.n ?? "");
    return ok(definitionBody(found));
  });

  router.on("PUT", `/{scope*}/${TYPE}/{n}`, put);
  router.on("DELETE", `/{scope*}/${TYPE}/{n}`, remove);
}

/** 404 of a definition that is not there. */
export function definitionNotFound(name: string): AzureError {
  return new AzureError(404, "PolicyDefinitionNotFound", `The policy definition '${name}' could not be found.`);
}

function list(call: Call, definitions: PolicyDefinition[], scope: string | undefined) {
  const filter = policyFilter(call, ["atexactscope"], ["policytype", "category"]);
  const type = filter.equals.get("policytype")?.toLowerCase();
  const category = filter.equals.get("category")?.toLowerCase();
  const found = definitions.filter(
    ({ id, builtIn, metadata }) =>
      (type === undefined || type === (builtIn ? "builtin" : "custom")) &&
      (category === undefined || String(metadata.category ?? "").toLowerCase() === category) &&
      (!filter.functions.has("atexactscope") || scopeOfId(id).toLowerCase() === (scope ?? "").toLowerCase()),
  );
  return policyPage(call, found.map(definitionBody));
}

function put(call: Call, params: Record<string, string>): SimResponse {
  const name = params.n ?? "";
  authorize(call, `${ACTION}/write`, params.scope ?? "");
  const { id: scope } = requireHome(call, params.scope ?? "");
  checkName(name, 64, "policy definition");
  const { properties } = readPolicyBody(call, Body);
  const id = `${scope}/${TYPE}/${name}`;
  const present = call.model.policyDefinitions.get(id);
  const definition = definitionFrom(call, present?.id ?? id, present?.name ?? name, properties, present);
  refusing(() => ruleOf(definition));
  if (!present) {
    const others = [...call.model.policyDefinitions.values()].filter((other) => scopeOfId(other.id) === scope);
    checkLimit(others.length, PER_SCOPE_MAX, "policy definitions", scope);
  }
  call.model.policyDefinitions.put(id, definition);
  recordActivity(call, { action: `${ACTION}/write`, scope: definition.id, status: 201 });
  return created(definitionBody(definition));
}

function definitionFrom(
  call: Call,
  id: string,
  name: string,
  properties: z.infer<typeof Body>["properties"],
  present: PolicyDefinition | undefined,
): PolicyDefinition {
  const { displayName, description, policyType, parameters, policyRule, version } = properties;
  if (policyType === "BuiltIn" || policyType === "Static") {
    throw badRequest(
      `The policy definition '${name}' cannot be of the type '${policyType}'.`,
      "InvalidPolicyDefinitionType",
    );
  }
  checkParameterDefinitions(`policy definition '${name}'`, parametersOf(parameters ?? {}), PARAMETERS_MAX);
  return {
    ...authorship(call, present),
    id,
    name,
    mode: modeOf(name, properties.mode),
    ...(displayName ? { displayName } : {}),
    ...(description ? { description } : {}),
    metadata: checkMetadata(properties.metadata),
    version: version ?? present?.version ?? "1.0.0",
    parameters: parameters ?? {},
    policyRule,
  };
}

/** The two modes of ARM resources. Those of resource providers judge what lies inside a resource, which this tenant does not do. */
function modeOf(name: string, mode: string | null | undefined): string {
  if (!mode) return "Indexed";
  const known = ["All", "Indexed"].find((one) => one.toLowerCase() === mode.toLowerCase());
  if (known) return known;
  const provider = /^Microsoft\.[\w.]+$/i.test(mode);
  throw badRequest(
    provider
      ? `The simulated tenant does not evaluate policies of the mode '${mode}'.`
      : `The policy definition '${name}' has the unknown mode '${mode.slice(0, 100)}'.`,
    "InvalidPolicyDefinitionMode",
  );
}

function remove(call: Call, params: Record<string, string>): SimResponse {
  authorize(call, `${ACTION}/delete`, params.scope ?? "");
  const { id: scope } = requireHome(call, params.scope ?? "");
  const found = call.model.policyDefinitions.get(`${scope}/${TYPE}/${params.n}`);
  if (!found) return noContent();
  const id = found.id.toLowerCase();
  const sets = [...call.model.policySetDefinitions.values()].filter(({ members }) =>
    members.some((member) => member.policyDefinitionId.toLowerCase() === id),
  );
  const assignments = [...call.model.policyAssignments.values()].filter(
    ({ policyDefinitionId }) => policyDefinitionId.toLowerCase() === id,
  );
  const user = [
    ...assignments.map((one) => `policy assignment '${one.id}'`),
    ...sets.map((one) => `policy set definition '${one.id}'`),
  ][0];
  if (user !== undefined) {
    throw badRequest(
      `The policy definition '${found.name}' cannot be deleted. It is referenced by the ${user}. Please delete all policy assignments and policy set definitions referencing the policy.`,
      "InvalidDeletePolicyDefinitionRequest",
    );
  }
  call.model.policyDefinitions.delete(found.id);
  recordActivity(call, { action: `${ACTION}/delete`, scope: found.id, status: 200 });
  return { status: 200 };
}
