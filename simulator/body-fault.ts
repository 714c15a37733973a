import type { z } from "zod";

/*
 * What is wrong with a body, as Azure's services word it. They hand on the sentences of .NET: of its data annotations for
 * lengths, ranges and missing members, of its JSON reader for types and words of an enumeration. Which of them a given
 * route says in front of another is not published, so the form is Azure's and the choice is a guess.
 */

export interface BodyFault {
  /** `properties.displayName`; empty for the body itself. */
  path: string;
  message: string;
}

/** Characters of a refused value that the refusal repeats. */
const SHOWN_MAX = 100;
/** Characters of a path, which holds the caller's own names. */
const PATH_MAX = 300;

type Issue = z.core.$ZodIssue;

/** The first fault that a schema found in `value`, which is what was checked. */
export function bodyFault(error: z.ZodError, value: unknown): BodyFault {
  const [issue] = error.issues;
  if (!issue) return { path: "", message: "The request body is not valid." };
  const path = issue.path.map(String).join(".").slice(0, PATH_MAX);
  return { path, message: sentence(issue, path, at(value, issue.path)) };
}

/** The sentence for a text that is too long. */
export function tooLong(path: string, most: number): string {
  return `The field ${path.slice(0, PATH_MAX)} must be a string with a maximum length of ${most}.`;
}

/** What a rule of the schema says by itself; undefined where it only has the schema library's own sentence. */
export function ownWords({ code, message }: Pick<Issue, "code" | "message">): string | undefined {
  return code === "custom" || !/^(?:Too (?:big|small)|Invalid|Unrecognized)\b/.test(message) ? message : undefined;
}

function sentence(issue: Issue, path: string, value: unknown): string {
  const name = path === "" ? "body" : path;
  const own = ownWords(issue);
  if (own !== undefined) return `The field ${name} ${own}.`;
  if (value === undefined) return `The ${name} field is required.`;
  switch (issue.code) {
    case "too_big":
      return bounded(name, issue.origin, "maximum", Number(issue.maximum));
    case "too_small":
      return bounded(name, issue.origin, "minimum", Number(issue.minimum));
    case "unrecognized_keys":
      return `Could not find member '${issue.keys[0]?.slice(0, SHOWN_MAX)}' on object of type '${name}'. Path '${path}'.`;
    case "invalid_type":
      return conversion(value, TYPES[issue.expected] ?? issue.expected, path);
    case "invalid_format":
      return conversion(value, TYPES[issue.format] ?? name, path);
    default:
      return conversion(value, name, path);
  }
}

function bounded(name: string, origin: string, which: "maximum" | "minimum", limit: number): string {
  if (origin === "string" && which === "maximum") return tooLong(name, limit);
  if (origin === "string" || origin === "array") {
    return `The field ${name} must be a string or array type with a ${which} length of '${limit}'.`;
  }
  return `The field ${name} must have a ${which} value of ${limit}.`;
}

/** Types as .NET calls them. */
const TYPES: Readonly<Record<string, string>> = {
  string: "System.String",
  boolean: "System.Boolean",
  number: "System.Double",
  int: "System.Int32",
  array: "System.Collections.Generic.List",
  record: "System.Collections.Generic.Dictionary",
  guid: "System.Guid",
  datetime: "System.DateTime",
  url: "System.Uri",
};

function conversion(value: unknown, type: string, path: string): string {
  const text = JSON.stringify(value) ?? "";
  const shown = text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}...` : text;
  return `Error converting value ${shown} to type '${type}'. Path '${path}'.`;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, key)) return undefined;
    found = Reflect.get(found, key);
  }
  return found;
}
