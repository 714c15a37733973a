import type { Filter } from "./filter";
import { FilterError, type Literal } from "./tokens";

/** One property that a list can be filtered and sorted by. Times are milliseconds since 1970. */
export type Field<T> =
  | { type: "text"; get(item: T): string | undefined }
  | { type: "number"; get(item: T): number | undefined }
  | { type: "time"; get(item: T): number | undefined }
  /** A collection, for `any`; `parts` are the properties of its items. */
  | { type: "list"; get(item: T): readonly Record<string, string>[]; parts: readonly string[] };

export type Fields<T> = ReadonlyMap<string, Field<T>>;

/**
 * A test for the items of a list. Throws `FilterError` for a property that the list does not know, and for a value
 * that is not of the property's type (a quoted date among them).
 */
export function testFor<T>(filter: Filter, fields: Fields<T>): (item: T) => boolean {
  switch (filter.kind) {
    case "and":
    case "or": {
      const left = testFor(filter.left, fields);
      const right = testFor(filter.right, fields);
      return filter.kind === "and" ? (item) => left(item) && right(item) : (item) => left(item) || right(item);
    }
    case "not": {
      const inner = testFor(filter.inner, fields);
      return (item) => !inner(item);
    }
    case "any":
      return anyTest(filter, fields);
    case "text": {
      const field = fields.get(filter.path);
      if (field?.type !== "text") throw unknown(filter.path);
      return (item) => textFits(field.get(item) ?? "", filter.function, filter.value);
    }
    case "compare":
      return compareTest(filter, fields);
  }
}

function unknown(path: string): FilterError {
  return new FilterError(`The property '${path}' cannot be filtered this way.`);
}

function textFits(text: string, name: "contains" | "startswith" | "endswith", value: string): boolean {
  if (name === "contains") return text.includes(value);
  return name === "startswith" ? text.startsWith(value) : text.endsWith(value);
}

function anyTest<T>(filter: Extract<Filter, { kind: "any" }>, fields: Fields<T>): (item: T) => boolean {
  const field = fields.get(filter.path);
  if (field?.type !== "list") throw unknown(filter.path);
  const parts = field.parts.map((part): [string, Field<Record<string, string>>] => [
    `${filter.variable}/${part}`,
    { type: "text", get: (entry) => entry[part] },
  ]);
  const inner = testFor(filter.inner, new Map(parts));
  return (item) => field.get(item).some(inner);
}

function compareTest<T>(filter: Extract<Filter, { kind: "compare" }>, fields: Fields<T>): (item: T) => boolean {
  const field = fields.get(filter.path);
  if (!field || field.type === "list") throw unknown(filter.path);
  const wanted = valueFor(field.type, filter.value, filter.path);
  return (item) => {
    const value = field.get(item);
    if (wanted === null || value === undefined) {
      const equal = (value ?? null) === wanted;
      return filter.operator === "eq" ? equal : filter.operator === "ne" && !equal;
    }
    switch (filter.operator) {
      case "eq":
        return value === wanted;
      case "ne":
        return value !== wanted;
      case "gt":
        return value > wanted;
      case "ge":
        return value >= wanted;
      case "lt":
        return value < wanted;
      case "le":
        return value <= wanted;
    }
  };
}

function valueFor(type: "text" | "number" | "time", value: Literal, path: string): string | number | null {
  if (value === null) return null;
  if (type === "text" && typeof value === "string") return value;
  if (type === "number" && typeof value === "number") return value;
  if (type === "time" && value instanceof Date) return value.getTime();
  throw new FilterError(`The value compared with '${path}' is of the wrong type.`);
}

/** An order by one property: `name`, `name asc` or `name desc`. Throws `FilterError` for anything else. */
export function orderFor<T>(text: string, fields: Fields<T>): { path: string; descending: boolean } {
  const match = /^\s*([\w/.]{1,200})(?:\s+(asc|desc))?\s*$/.exec(text);
  const path = match?.[1] ?? "";
  const field = fields.get(path);
  if (!match || !field || field.type === "list") throw new FilterError("The order is not supported.");
  return { path, descending: match[2] === "desc" };
}
