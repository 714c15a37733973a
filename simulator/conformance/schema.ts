import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

/** A schema of the descriptions, with what it refers to and what it extends put together. */
export interface Schema {
  type?: string | undefined;
  format?: string | undefined;
  enum?: unknown[] | undefined;
  properties: Record<string, Place>;
  required: string[];
  items?: Place | undefined;
  /** Says nothing about further properties, so that the validator allows none. */
  closed: boolean;
  /** One of several kinds: what else holds follows from the value. */
  discriminated: boolean;
  /** Only ever sent, or only ever answered. */
  readOnly: boolean;
  secret: boolean;
}

/** A schema where it stands: references in it are relative to the file. */
interface Place {
  file: string;
  value: unknown;
}

const Raw = z.looseObject({
  $ref: z.string().optional(),
  type: z.string().optional(),
  format: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  items: z.unknown().optional(),
  allOf: z.array(z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  discriminator: z.string().optional(),
  readOnly: z.boolean().optional(),
  "x-ms-secret": z.boolean().optional(),
  "x-ms-mutability": z.array(z.string()).optional(),
});

const Operation = z.looseObject({
  parameters: z.array(z.unknown()).optional(),
  responses: z.record(z.string(), z.unknown()),
});
const Parameter = z.looseObject({ in: z.string(), schema: z.unknown().optional() });
const Answer = z.looseObject({ schema: z.unknown().optional() });

const documents = new Map<string, unknown>();

function documentOf(file: string): unknown {
  let document = documents.get(file);
  if (document === undefined) {
    document = JSON.parse(readFileSync(file, "utf8"));
    documents.set(file, document);
  }
  return document;
}

interface Bodies {
  request?: Schema;
  response?: Schema;
}

const bodies = new Map<string, Bodies>();

/** The schemas of one operation's bodies: what is sent, and what this status answers. */
export function bodySchemas(operation: { file: string; template: string; method: string }, status: number): Bodies {
  const key = [operation.file, operation.template, operation.method, status].join(" ");
  const known = bodies.get(key) ?? findBodies(operation, status);
  bodies.set(key, known);
  return known;
}

function findBodies(operation: { file: string; template: string; method: string }, status: number): Bodies {
  const { file, template, method } = operation;
  const found = Operation.safeParse(at(documentOf(file), ["paths", template, method]));
  if (!found.success) return {};
  const { parameters = [], responses } = found.data;
  const body = parameters
    .map((parameter) => follow({ file, value: parameter }))
    .map(({ file: where, value }) => ({ where, parameter: Parameter.parse(value) }))
    .find(({ parameter }) => parameter.in === "body");
  const answer = responses[String(status)] === undefined ? undefined : Answer.parse(responses[String(status)]);
  return {
    ...(body?.parameter.schema !== undefined && {
      request: flatten({ file: body.where, value: body.parameter.schema }),
    }),
    ...(answer?.schema !== undefined && { response: flatten({ file, value: answer.schema }) }),
  };
}

/** A schema is looked at for every value that it describes. */
const flattened = new WeakMap<object, Schema>();

/** A schema with its references and its ancestors put together. */
export function flatten(place: Place): Schema {
  if (typeof place.value !== "object" || place.value === null) throw new Error(`No schema in ${place.file}.`);
  const known = flattened.get(place.value);
  if (known) return known;
  const schema = flattenOne(place);
  flattened.set(place.value, schema);
  return schema;
}

function flattenOne(place: Place): Schema {
  const { file, value } = follow(place);
  const beside = Raw.parse(place.value);
  const raw = Raw.parse(value);
  const parents = (raw.allOf ?? []).map((parent) => flatten({ file, value: parent }));
  const own = Object.entries(raw.properties ?? {}).map(([name, part]) => [name, { file, value: part }] as const);
  const properties = Object.assign({}, ...parents.map((parent) => parent.properties), Object.fromEntries(own));
  // A reference may carry its own notes beside it.
  const mutability = beside["x-ms-mutability"] ?? raw["x-ms-mutability"];
  return {
    type: raw.type ?? parents.find((parent) => parent.type)?.type ?? (own.length > 0 ? "object" : undefined),
    format: raw.format,
    enum: raw.enum,
    properties,
    required: [...parents.flatMap((parent) => parent.required), ...(raw.required ?? [])],
    items: raw.items === undefined ? undefined : { file, value: raw.items },
    closed:
      raw.additionalProperties === undefined &&
      Object.keys(properties).length > 0 &&
      parents.every((parent) => parent.closed),
    discriminated: raw.discriminator !== undefined || parents.some((parent) => parent.discriminated),
    readOnly: (beside.readOnly ?? raw.readOnly ?? false) || (mutability?.every((at) => at === "read") ?? false),
    secret: (beside["x-ms-secret"] ?? raw["x-ms-secret"] ?? false) || mutability?.includes("read") === false,
  };
}

/** Goes along `$ref` until there is none. */
function follow({ file, value }: { file: string; value: unknown }): { file: string; value: unknown } {
  const reference = z.looseObject({ $ref: z.string() }).safeParse(value);
  if (!reference.success) return { file, value };
  const [target = "", pointer = ""] = reference.data.$ref.split("#");
  const where = target === "" ? file : path.resolve(path.dirname(file), target);
  const parts = pointer
    .split("/")
    .filter(Boolean)
    .map((part) => part.replace(/~1/g, "/").replace(/~0/g, "~"));
  return follow({ file: where, value: at(documentOf(where), parts) });
}

function at(value: unknown, [first, ...rest]: readonly string[]): unknown {
  if (first === undefined) return value;
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, first)) return undefined;
  return at(Reflect.get(value, first), rest);
}
