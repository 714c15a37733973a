import { isObject, type Json, member } from "../json";
import { compareValues, sameValue } from "./compare";
import { invalidRule, TemplateError } from "./errors";
import { fieldNamed } from "./fields";
import type { Evaluate, Scope } from "./scope";

/*
 * The functions that expressions of a policy rule may call. Those that need the scope come first; the rest are plain
 * functions over their arguments. Source: "Policy functions", Microsoft Learn. What is not here is refused by name.
 */

type Arguments = readonly (Json | undefined)[];

/** The call of a function with its compiled arguments; `literals` holds those that are plain text. Throws `RuleError`. */
export function functionNamed(
  name: string,
  parts: readonly Evaluate[],
  literals: readonly (string | undefined)[],
): Evaluate {
  const lower = name.toLowerCase();
  const special = SPECIAL[lower];
  if (special && Object.hasOwn(SPECIAL, lower)) return special(parts, literals);
  const found = Object.hasOwn(PLAIN, lower) ? PLAIN[lower] : undefined;
  if (!found) throw invalidRule(`The template function '${name}' is not supported in a policy rule.`);
  const [least, most, run] = found;
  if (parts.length < least || parts.length > most) {
    throw invalidRule(`The template function '${name}' does not take ${parts.length} arguments.`);
  }
  return (scope) => run(parts.map((part) => part(scope)));
}

type Special = (parts: readonly Evaluate[], literals: readonly (string | undefined)[]) => Evaluate;

const SPECIAL: Readonly<Record<string, Special>> = {
  parameters: ([name]) => {
    if (!name) throw invalidRule("The template function 'parameters' takes the name of a parameter.");
    return (scope) => {
      const key = text(name(scope)).toLowerCase();
      if (!scope.parameters.has(key)) throw new TemplateError(`The parameter '${key}' has no value.`);
      return scope.parameters.get(key);
    };
  },
  field: ([name], [literal]) => {
    if (!name) throw invalidRule("The template function 'field' takes the name of a field.");
    if (literal !== undefined) return fieldNamed(literal).read;
    return (scope) => fieldNamed(text(name(scope))).read(scope);
  },
  current: ([name], [literal]) => {
    if (!name) return (scope) => innermost(scope).value;
    return (scope) => currentValue(scope, literal ?? text(name(scope)));
  },
  // Only the branch that is taken is worked out: that is how rules keep clear of failing functions.
  if: ([test, then, otherwise]) => {
    if (!test || !then || !otherwise) throw invalidRule("The template function 'if' takes three arguments.");
    return (scope) => (flag(test(scope)) ? then(scope) : otherwise(scope));
  },
  resourcegroup: () => (scope) => {
    const group = scope.resource.resourceGroup;
    if (!group) throw new TemplateError("The resource is in no resource group.");
    return {
      ...group,
      type: "Microsoft.Resources/resourceGroups",
      properties: { provisioningState: "Succeeded" },
      tags: { ...group.tags },
    };
  },
  subscription: () => (scope) => ({ ...scope.resource.subscription }),
  utcnow: () => (scope) => new Date(scope.now).toISOString(),
  policy: () => (scope) => ({
    assignmentId: scope.assignmentId,
    definitionId: scope.definitionId,
    setDefinitionId: "",
    definitionReferenceId: "",
  }),
  requestcontext: () => () => ({ apiVersion: "2023-07-01", identity: {} }),
};

function innermost(scope: Scope): { key: string; value: Json } {
  const last = scope.elements.at(-1);
  if (!last) throw new TemplateError("The function 'current' is used outside of a count.");
  return last;
}

function currentValue(scope: Scope, name: string): Json | undefined {
  const key = name.toLowerCase();
  const named = scope.elements.findLast((element) => element.key === key);
  if (named) return named.value;
  const over = scope.elements.findLast((element) => key.startsWith(`${element.key}.`));
  if (!over) throw new TemplateError(`The function 'current' names '${name}', which is not counted.`);
  return name
    .slice(over.key.length + 1)
    .split(".")
    .reduce<Json | undefined>((value, part) => member(value, part), over.value);
}

const ANY = 100;

type Plain = readonly [least: number, most: number, run: (values: Arguments) => Json | undefined];

const PLAIN: Readonly<Record<string, Plain>> = {
  concat: [1, ANY, concat],
  tolower: [1, 1, ([a]) => text(a).toLowerCase()],
  toupper: [1, 1, ([a]) => text(a).toUpperCase()],
  trim: [1, 1, ([a]) => text(a).trim()],
  startswith: [2, 2, ([a, b]) => text(a).toLowerCase().startsWith(text(b).toLowerCase())],
  endswith: [2, 2, ([a, b]) => text(a).toLowerCase().endsWith(text(b).toLowerCase())],
  indexof: [2, 2, ([a, b]) => text(a).toLowerCase().indexOf(text(b).toLowerCase())],
  lastindexof: [2, 2, ([a, b]) => text(a).toLowerCase().lastIndexOf(text(b).toLowerCase())],
  replace: [3, 3, ([a, b, c]) => text(a).replaceAll(text(b), () => text(c))],
  split: [2, 2, ([a, b]) => split(text(a), b)],
  join: [2, 2, ([a, b]) => list(a).map(plainText).join(text(b))],
  substring: [
    2,
    3,
    ([a, from, length]) => substring(text(a), number(from), length === undefined ? undefined : number(length)),
  ],
  padleft: [
    2,
    3,
    ([a, width, fill]) => plainText(a).padStart(Math.min(number(width), 1000), fill === undefined ? " " : text(fill)),
  ],
  string: [1, 1, ([a]) => plainText(a)],
  int: [1, 1, ([a]) => whole(a)],
  bool: [1, 1, ([a]) => asFlag(a)],
  true: [0, 0, () => true],
  false: [0, 0, () => false],
  null: [0, 0, () => null],
  not: [1, 1, ([a]) => !flag(a)],
  and: [2, ANY, (values) => values.every(flag)],
  or: [2, ANY, (values) => values.some(flag)],
  equals: [2, 2, ([a, b]) => sameValue(a ?? null, b ?? null)],
  less: [2, 2, ([a, b]) => compareValues(a, b) < 0],
  lessorequals: [2, 2, ([a, b]) => compareValues(a, b) <= 0],
  greater: [2, 2, ([a, b]) => compareValues(a, b) > 0],
  greaterorequals: [2, 2, ([a, b]) => compareValues(a, b) >= 0],
  contains: [2, 2, ([a, b]) => contains(a, b)],
  empty: [1, 1, ([a]) => empty(a)],
  length: [1, 1, ([a]) => length(a)],
  first: [1, 1, ([a]) => (typeof a === "string" ? a.charAt(0) : list(a)[0])],
  last: [1, 1, ([a]) => (typeof a === "string" ? a.slice(-1) : list(a).at(-1))],
  skip: [
    2,
    2,
    ([a, n]) => (typeof a === "string" ? a.slice(Math.max(0, number(n))) : list(a).slice(Math.max(0, number(n)))),
  ],
  take: [
    2,
    2,
    ([a, n]) => (typeof a === "string" ? a.slice(0, Math.max(0, number(n))) : list(a).slice(0, Math.max(0, number(n)))),
  ],
  array: [1, 1, ([a]) => (Array.isArray(a) ? a : [a ?? null])],
  createarray: [0, ANY, (values) => values.map((value) => value ?? null)],
  createobject: [0, ANY, createObject],
  union: [2, ANY, union],
  intersection: [2, ANY, intersection],
  coalesce: [1, ANY, (values) => values.find((value) => value !== undefined && value !== null) ?? null],
  add: [2, 2, ([a, b]) => number(a) + number(b)],
  sub: [2, 2, ([a, b]) => number(a) - number(b)],
  mul: [2, 2, ([a, b]) => number(a) * number(b)],
  div: [2, 2, ([a, b]) => Math.trunc(number(a) / divisor(b))],
  mod: [2, 2, ([a, b]) => number(a) % divisor(b)],
  min: [1, ANY, (values) => Math.min(...numbers(values))],
  max: [1, ANY, (values) => Math.max(...numbers(values))],
  adddays: [2, 2, ([a, days]) => addDays(text(a), number(days))],
};

function text(value: Json | undefined): string {
  if (typeof value === "string") return value;
  throw new TemplateError(`Text is expected, not '${plainText(value)}'.`);
}

function plainText(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function number(value: Json | undefined): number {
  if (typeof value === "number") return value;
  throw new TemplateError(`A number is expected, not '${plainText(value)}'.`);
}

function divisor(value: Json | undefined): number {
  const by = number(value);
  if (by === 0) throw new TemplateError("Division by zero.");
  return by;
}

function numbers(values: Arguments): number[] {
  return (values.length === 1 && Array.isArray(values[0]) ? values[0] : values).map(number);
}

function flag(value: Json | undefined): boolean {
  if (typeof value === "boolean") return value;
  throw new TemplateError(`A boolean is expected, not '${plainText(value)}'.`);
}

function asFlag(value: Json | undefined): boolean {
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return value !== 0;
  if (typeof value === "string" && /^(true|false)$/i.test(value)) return value.toLowerCase() === "true";
  throw new TemplateError(`'${plainText(value)}' is not a boolean.`);
}

function whole(value: Json | undefined): number {
  if (typeof value === "number") return Math.trunc(value);
  if (typeof value === "string" && /^\s*-?\d{1,15}\s*$/.test(value)) return Number(value);
  throw new TemplateError(`'${plainText(value)}' is not an integer.`);
}

function list(value: Json | undefined): Json[] {
  if (Array.isArray(value)) return value;
  throw new TemplateError(`A list is expected, not '${plainText(value)}'.`);
}

function concat(values: Arguments): Json {
  if (values.every((value) => Array.isArray(value))) return values.flatMap((value) => list(value));
  return values.map(plainText).join("");
}

function split(value: string, by: Json | undefined): Json {
  const marks = Array.isArray(by) ? by.map((mark) => text(mark)) : [text(by)];
  return marks.reduce<string[]>((parts, mark) => parts.flatMap((part) => part.split(mark)), [value]);
}

function substring(value: string, from: number, size: number | undefined): string {
  const end = size === undefined ? value.length : from + size;
  if (from < 0 || end > value.length || end < from) {
    throw new TemplateError(
      "The index and length parameters of 'substring' must refer to a location within the string.",
    );
  }
  return value.slice(from, end);
}

function contains(where: Json | undefined, what: Json | undefined): boolean {
  if (typeof where === "string") return where.includes(plainText(what));
  if (Array.isArray(where)) return where.some((item) => sameValue(item, what ?? null));
  if (isObject(where)) return member(where, text(what)) !== undefined;
  throw new TemplateError("The function 'contains' takes text, a list or an object.");
}

function empty(value: Json | undefined): boolean {
  if (value === undefined || value === null) return true;
  return length(value) === 0;
}

function length(value: Json | undefined): number {
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  if (isObject(value)) return Object.keys(value).length;
  throw new TemplateError("The function 'length' takes text, a list or an object.");
}

function createObject(values: Arguments): Json {
  if (values.length % 2 === 1) throw new TemplateError("The function 'createObject' takes names and values in turn.");
  const pairs: [string, Json][] = [];
  for (let i = 0; i < values.length; i += 2) pairs.push([text(values[i]), values[i + 1] ?? null]);
  return Object.fromEntries(pairs);
}

function union(values: Arguments): Json {
  if (values.every((value) => isObject(value))) return Object.assign({}, ...values);
  const all: Json[] = [];
  for (const item of values.flatMap((value) => list(value)))
    if (!all.some((known) => sameValue(known, item))) all.push(item);
  return all;
}

function intersection(values: Arguments): Json {
  const [first, ...others] = values.map(list);
  return (first ?? []).filter((item) => others.every((other) => other.some((candidate) => sameValue(candidate, item))));
}

const DAY = 86_400_000;

function addDays(date: string, days: number): string {
  const at = Date.parse(date) + days * DAY;
  if (!Number.isFinite(at) || Math.abs(at) > 8.64e15) throw new TemplateError(`'${date}' is not a date.`);
  return new Date(at).toISOString();
}
