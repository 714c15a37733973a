import "server-only";
import { z } from "zod";
import { evaluate, type Names, type Value } from "./policy-expression";

/** Whether a condition holds; `unknown` when it rests on something that cannot be worked out here. */
export type Holds = boolean | "unknown";

const Node = z.record(z.string(), z.unknown());
/** Rules nest; one that nests deeper than Azure's own never do is not followed. */
const DEPTH_MAX = 30;

/** Judges the `if` of a policy rule. Everything that is not understood is `unknown`. */
export function holds(raw: unknown, names: Names, depth = 0): Holds {
  const node = Node.safeParse(raw);
  if (!node.success || depth > DEPTH_MAX) return "unknown";
  const condition = node.data;
  const below = (one: unknown) => holds(one, names, depth + 1);
  if (Array.isArray(condition.allOf)) return all(condition.allOf.map(below));
  if (Array.isArray(condition.anyOf)) return not(all(condition.anyOf.map((one) => not(below(one)))));
  if ("not" in condition) return not(below(condition.not));
  const subject = subjectOf(condition, names);
  const operator = Object.keys(condition).find((key) => key !== "field" && key !== "value");
  if (subject === undefined || operator === undefined) return "unknown";
  return compare(operator.toLowerCase(), subject, evaluate(condition[operator], names));
}

function subjectOf(condition: Record<string, unknown>, names: Names): Value | undefined {
  if (typeof condition.field === "string") {
    const name = evaluate(condition.field, names);
    return name.is === "value" && typeof name.value === "string" ? names.field(name.value) : { is: "unknown" };
  }
  return "value" in condition ? evaluate(condition.value, names) : undefined;
}

function all(each: readonly Holds[]): Holds {
  if (each.includes(false)) return false;
  return each.includes("unknown") ? "unknown" : true;
}

function not(one: Holds): Holds {
  return one === "unknown" ? one : !one;
}

/** Operators that deny another one. */
const OPPOSITE: Readonly<Record<string, string>> = {
  notequals: "equals",
  notin: "in",
  notlike: "like",
  notcontains: "contains",
};

function compare(operator: string, subject: Value, wanted: Value): Holds {
  const opposite = OPPOSITE[operator];
  if (opposite !== undefined) return not(compare(opposite, subject, wanted));
  if (subject.is === "unknown" || wanted.is !== "value") return "unknown";
  if (operator === "exists") return (subject.is === "value") === (String(wanted.value).toLowerCase() === "true");
  const ordered = ORDER[operator];
  if (ordered) return subject.is === "absent" ? "unknown" : order(subject.value, wanted.value, ordered);
  if (!["equals", "in", "like", "contains"].includes(operator)) return "unknown";
  return subject.is === "absent" ? false : match(operator, subject.value, wanted.value);
}

function match(operator: string, subject: unknown, wanted: unknown): Holds {
  const text = String(subject).toLowerCase();
  if (operator === "in") {
    return Array.isArray(wanted) ? wanted.some((one) => String(one).toLowerCase() === text) : "unknown";
  }
  if (wanted === null || typeof wanted === "object") return "unknown";
  const other = String(wanted).toLowerCase();
  if (operator === "equals") return text === other;
  if (operator === "contains") return text.includes(other);
  const [before = "", after, more] = other.split("*");
  if (after === undefined) return text === other;
  if (more !== undefined) return "unknown";
  return text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after);
}

const ORDER: Readonly<Record<string, (difference: number) => boolean>> = {
  less: (difference) => difference < 0,
  lessorequals: (difference) => difference <= 0,
  greater: (difference) => difference > 0,
  greaterorequals: (difference) => difference >= 0,
};

function order(subject: unknown, wanted: unknown, fits: (difference: number) => boolean): Holds {
  const left = numberOf(subject);
  const right = numberOf(wanted);
  return left === undefined || right === undefined ? "unknown" : fits(left - right);
}

/** A number, or a time in milliseconds. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const found = /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : Date.parse(value);
  return Number.isNaN(found) ? undefined : found;
}
