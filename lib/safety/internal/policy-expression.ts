import "server-only";

/** A value of a policy rule. `absent` = the object has no such field; `unknown` = it cannot be worked out here. */
export type Value = { is: "value"; value: unknown } | { is: "absent" } | { is: "unknown" };

export const UNKNOWN: Value = { is: "unknown" };

/** What an expression may speak of. */
export interface Names {
  now: Date;
  parameter(name: string): Value;
  field(name: string): Value;
}

export const valued = (value: unknown): Value => ({ is: "value", value });

/**
 * The value of what stands in a policy rule: `[parameters('x')]`, `[addDays(utcNow(), 90)]`, or as it is. Functions that
 * are not known here give `unknown`, never a guess. Source: "Azure Policy definition structure", Microsoft Learn.
 */
export function evaluate(raw: unknown, names: Names): Value {
  if (typeof raw !== "string" || !raw.startsWith("[")) return valued(raw);
  if (raw.startsWith("[[")) return valued(raw.slice(1));
  if (!raw.endsWith("]")) return UNKNOWN;
  const tokens = raw.slice(1, -1).match(/'(?:[^']|'')*'|-?\d+|[A-Za-z_]\w*|\S/g) ?? [];
  const parsed = call(tokens, 0, names);
  return parsed && parsed.next === tokens.length ? parsed.value : UNKNOWN;
}

interface Parsed {
  value: Value;
  next: number;
}

function call(tokens: readonly string[], at: number, names: Names): Parsed | undefined {
  const token = tokens[at] ?? "";
  if (token.startsWith("'")) return { value: valued(token.slice(1, -1).replaceAll("''", "'")), next: at + 1 };
  if (/^-?\d+$/.test(token)) return { value: valued(Number(token)), next: at + 1 };
  if (!/^[A-Za-z_]\w*$/.test(token) || tokens[at + 1] !== "(") return undefined;
  const args: Value[] = [];
  let next = at + 2;
  while (tokens[next] !== ")") {
    const argument = call(tokens, next, names);
    if (!argument) return undefined;
    args.push(argument.value);
    next = argument.next;
    if (tokens[next] === ",") next++;
    else if (tokens[next] !== ")") return undefined;
  }
  return { value: applied(token.toLowerCase(), args, names), next: next + 1 };
}

function applied(name: string, args: readonly Value[], names: Names): Value {
  const [first = UNKNOWN, second = UNKNOWN, third = UNKNOWN] = args;
  const text = first.is === "value" && typeof first.value === "string" ? first.value : undefined;
  switch (name) {
    case "utcnow":
      return args.length === 0 ? valued(names.now.toISOString()) : UNKNOWN;
    case "parameters":
      return text === undefined ? UNKNOWN : names.parameter(text);
    case "field":
      return text === undefined ? UNKNOWN : names.field(text);
    case "adddays":
      return addDays(first, second);
    case "if":
      if (first.is !== "value" || typeof first.value !== "boolean") return UNKNOWN;
      return first.value ? second : third;
    case "empty":
      if (first.is === "absent") return valued(true);
      return text === undefined ? UNKNOWN : valued(text === "");
    case "int":
      return first.is === "value" && /^-?\d+$/.test(String(first.value)) ? valued(Number(first.value)) : UNKNOWN;
    default:
      return UNKNOWN;
  }
}

function addDays(time: Value, days: Value): Value {
  if (time.is !== "value" || days.is !== "value") return UNKNOWN;
  const at = Date.parse(String(time.value));
  const count = Number(days.value);
  if (Number.isNaN(at) || !Number.isSafeInteger(count) || Math.abs(count) > 100_000) return UNKNOWN;
  return valued(new Date(at + count * 86_400_000).toISOString());
}
