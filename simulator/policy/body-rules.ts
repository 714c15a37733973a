import { z } from "zod";
import { badRequest } from "../arm/errors";
import { readBody } from "../arm/respond";
import type { Call } from "../context";
import { AzureError } from "../http";
import type { Authorship, Selector } from "./documents";
import { isObject, type Json, type JsonObject } from "./json";
import { RuleError } from "./language/errors";
import type { ParameterDefinition } from "./language/rule";

/* What bodies of policy objects may hold. Limits: Azure Policy limits, Microsoft Learn. */

const BODY_BYTES_MAX = 1024 * 1024;
const DEPTH_MAX = 60;
const NAME_MAX = 128;
const DESCRIPTION_MAX = 512;
const METADATA_MAX = 1024;

export const JsonObjectBody = z.record(z.string(), z.json());
export const Text = {
  displayName: z.string().max(NAME_MAX).nullish(),
  description: z.string().max(DESCRIPTION_MAX).nullish(),
};

export const SelectorBody = z.object({
  kind: z.enum(["resourceLocation", "resourceType", "resourceWithoutLocation", "policyDefinitionReferenceId"]),
  in: z.array(z.string().max(260)).max(50).nullish(),
  notIn: z.array(z.string().max(260)).max(50).nullish(),
});
export const ResourceSelectors = z
  .array(z.object({ name: z.string().max(260).nullish(), selectors: z.array(SelectorBody).max(10).nullish() }))
  .max(10)
  .nullish();

/** The selectors of a body as documents keep them. */
export function selectorsOf(given: z.infer<typeof SelectorBody>[] | null | undefined): Selector[] {
  return (given ?? []).map(({ kind, in: among, notIn }) => ({
    kind,
    ...(among ? { in: among } : {}),
    ...(notIn ? { notIn } : {}),
  }));
}

export function resourceSelectorsOf(given: z.infer<typeof ResourceSelectors>) {
  return (given ?? []).map(({ name, selectors }) => ({ ...(name ? { name } : {}), selectors: selectorsOf(selectors) }));
}

/** The body of a policy write, checked. Throws 400 InvalidRequestContent, 413 for more than 1 MB. */
export function readPolicyBody<T>(call: Call, schema: z.ZodType<T>): T {
  const { text } = call.request;
  if (text.length > BODY_BYTES_MAX) {
    throw new AzureError(
      413,
      "RequestContentTooLarge",
      "The size of the request content exceeds the maximum size of 1 MB.",
    );
  }
  if (deeperThan(text, DEPTH_MAX)) {
    throw badRequest("The request content was invalid: it is nested too deeply.", "InvalidRequestContent");
  }
  return readBody(call, schema, "InvalidRequestContent");
}

/** Checked on the text: whatever follows an object to its leaves would otherwise run out of stack on hostile bodies. */
function deeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (quoted) {
      if (character === "\\") i++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === "{" || character === "[") {
      if (++depth > limit) return true;
    } else if (character === "}" || character === "]") depth--;
  }
  return false;
}

/** Throws 400 for a name that policy objects cannot have. `what` reads `policy definition`. */
export function checkName(name: string, max: number, what: string): void {
  if (name.length > max || /[<>*%&:\\?+/]/.test(name) || /[. ]$/.test(name)) {
    throw badRequest(
      `The ${what} name '${name.slice(0, 200)}' is invalid: at most ${max} characters, none of '<>*%&:\\?+/', no dot or space at the end.`,
      "InvalidRequestContent",
    );
  }
}

/** Throws 400 for metadata with a text that is too long. */
export function checkMetadata(metadata: JsonObject | null | undefined): JsonObject {
  if (!metadata) return {};
  for (const [name, value] of Object.entries(metadata)) {
    if (typeof value === "string" && value.length > METADATA_MAX) {
      throw badRequest(
        `The metadata property '${name}' is longer than ${METADATA_MAX} characters.`,
        "InvalidPolicyMetadata",
      );
    }
  }
  return metadata;
}

const TYPES: Readonly<Record<string, (value: Json) => boolean>> = {
  string: (value) => typeof value === "string",
  array: Array.isArray,
  object: isObject,
  boolean: (value) => typeof value === "boolean",
  integer: (value) => Number.isInteger(value),
  float: (value) => typeof value === "number",
  datetime: (value) => typeof value === "string" && !Number.isNaN(Date.parse(value)),
};

/** Throws 400 unless the parameters that a definition declares are whole: type, allowed values, default. */
export function checkParameterDefinitions(
  what: string,
  parameters: ReadonlyMap<string, ParameterDefinition>,
  max: number,
): void {
  if (parameters.size > max) {
    throw badRequest(
      `The ${what} has ${parameters.size} parameters; the limit is ${max}.`,
      "PolicyParameterCountExceeded",
    );
  }
  for (const [name, { type, allowedValues, defaultValue }] of parameters) {
    const fits = Object.hasOwn(TYPES, type.toLowerCase()) ? TYPES[type.toLowerCase()] : undefined;
    if (!fits)
      throw badRequest(
        `The parameter '${name}' of the ${what} has the unknown type '${type}'.`,
        "InvalidPolicyParameters",
      );
    if (defaultValue === undefined) continue;
    if (!fits(defaultValue)) {
      throw badRequest(
        `The default value of the parameter '${name}' of the ${what} is not of the type '${type}'.`,
        "InvalidPolicyParameters",
      );
    }
    if (allowedValues && !isAllowed(allowedValues, defaultValue)) {
      throw badRequest(
        `The ${what} defines the default value '${plain(defaultValue)}' for the parameter '${name}', which is not among its allowed values '${allowedValues.map(plain).join(", ")}'.`,
        "PolicyParameterAllowedAndDefaultValuesMismatch",
      );
    }
  }
}

/** Throws 400 unless a value may be given for a parameter. `owner` names the definition. */
export function checkParameterValue(
  owner: string,
  name: string,
  value: Json,
  { type, allowedValues }: ParameterDefinition,
): void {
  const fits = Object.hasOwn(TYPES, type.toLowerCase()) ? TYPES[type.toLowerCase()] : undefined;
  if (!fits?.(value)) {
    throw badRequest(
      `The value of the policy parameter '${name}' in policy definition '${owner}' is not of the type '${type}'.`,
      "InvalidPolicyParameterType",
    );
  }
  if (allowedValues && !isAllowed(allowedValues, value)) {
    throw badRequest(
      `The value '${plain(value)}' is not allowed for policy parameter '${name}' in policy definition '${owner}'. The allowed values are '${allowedValues.map(plain).join(", ")}'.`,
      "PolicyParameterValueNotAllowed",
    );
  }
}

/** With case, as the service has it; every member of a list. */
function isAllowed(allowed: readonly Json[], value: Json): boolean {
  const among = (one: Json) => allowed.some((other) => JSON.stringify(other) === JSON.stringify(one));
  return among(value) || (Array.isArray(value) && value.every(among));
}

function plain(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Runs what compiles a rule and answers its refusal as ARM's 400. */
export function refusing<T>(compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    if (error instanceof RuleError) throw badRequest(error.message, error.code);
    throw error;
  }
}

/** Who writes now; what was there keeps its author. */
export function authorship(call: Call, present: Authorship | undefined): Authorship {
  const now = call.now();
  const by = call.caller.oid;
  return { createdAt: present?.createdAt ?? now, createdBy: present?.createdBy ?? by, updatedAt: now, updatedBy: by };
}

/** Throws 400 when the scope holds as many objects of a kind as it may. */
export function checkLimit(count: number, max: number, what: string, scope: string): void {
  if (count >= max) {
    throw badRequest(`The scope '${scope}' has ${count} ${what}; the limit is ${max}.`, "PolicyObjectLimitExceeded");
  }
}
