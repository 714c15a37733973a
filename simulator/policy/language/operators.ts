import { isObject, type Json, member } from "../json";
import { compareValues, keyOf, sameValue } from "./compare";

/*
 * The conditions of the policy language. Comparisons of text take no notice of case but for `match` and `notMatch`.
 * Source: "Azure Policy definition structure policy rule", Microsoft Learn.
 */

/** One condition: what it makes of a value (absent: undefined) and of what the rule compares it with. */
interface Operator {
  holds(left: Json | undefined, right: Json): boolean;
  /** What is wrong with a literal right side, as the rest of a sentence. */
  fault(right: Json): string | undefined;
}

const anything = () => undefined;
const textOnly = (right: Json) => (typeof right === "string" ? undefined : "takes text");
const listOnly = (right: Json) => (Array.isArray(right) ? undefined : "takes a list");
const flagOnly = (right: Json) =>
  typeof right === "boolean" || (typeof right === "string" && /^(true|false)$/i.test(right))
    ? undefined
    : "takes true or false";

function oneWildcard(right: Json): string | undefined {
  if (typeof right !== "string") return "takes text";
  return right.split("*").length > 2 ? "takes one wildcard '*' at most" : undefined;
}

function equals(left: Json | undefined, right: Json): boolean {
  return left !== undefined && left !== null && sameValue(left, right);
}

function like(left: Json | undefined, right: Json): boolean {
  if (left === undefined || left === null) return false;
  const text = keyOf(left);
  const [head = "", tail] = keyOf(right).split("*");
  if (tail === undefined) return text === head;
  return text.length >= head.length + tail.length && text.startsWith(head) && text.endsWith(tail);
}

/** `#` is a digit, `?` a letter, `.` any character; every other character is itself. */
function matches(left: Json | undefined, right: Json, insensitive: boolean): boolean {
  if (typeof left !== "string" || typeof right !== "string") return false;
  const text = insensitive ? left.toLowerCase() : left;
  const pattern = insensitive ? right.toLowerCase() : right;
  if (text.length !== pattern.length) return false;
  return [...pattern].every((mark, index) => {
    const character = text.charAt(index);
    if (mark === "#") return /\d/.test(character);
    if (mark === "?") return /[a-z]/i.test(character);
    return mark === "." || mark === character;
  });
}

function contains(left: Json | undefined, right: Json): boolean {
  if (typeof left === "string") return left.toLowerCase().includes(keyOf(right));
  return Array.isArray(left) && left.some((item) => sameValue(item, right));
}

function within(left: Json | undefined, right: Json): boolean {
  return left !== undefined && left !== null && Array.isArray(right) && right.some((item) => sameValue(left, item));
}

function hasKey(left: Json | undefined, right: Json): boolean {
  return isObject(left) && typeof right === "string" && member(left, right) !== undefined;
}

function exists(left: Json | undefined, right: Json): boolean {
  const wanted = keyOf(right) === "true";
  return (left !== undefined && left !== null) === wanted;
}

/** What is absent is neither more nor less than anything. */
function ordered(test: (order: number) => boolean): Operator {
  return {
    holds: (left, right) => left !== undefined && left !== null && test(compareValues(left, right)),
    fault: (right) => (typeof right === "string" || typeof right === "number" ? undefined : "takes text or a number"),
  };
}

function opposite(operator: Operator): Operator {
  return { holds: (left, right) => !operator.holds(left, right), fault: operator.fault };
}

const EQUALS: Operator = { holds: equals, fault: anything };
const LIKE: Operator = { holds: like, fault: oneWildcard };
const MATCH: Operator = { holds: (left, right) => matches(left, right, false), fault: textOnly };
const MATCH_INSENSITIVELY: Operator = { holds: (left, right) => matches(left, right, true), fault: textOnly };
const CONTAINS: Operator = { holds: contains, fault: anything };
const IN: Operator = { holds: within, fault: listOnly };
const CONTAINS_KEY: Operator = { holds: hasKey, fault: textOnly };

const OPERATORS: Readonly<Record<string, Operator>> = {
  equals: EQUALS,
  notequals: opposite(EQUALS),
  like: LIKE,
  notlike: opposite(LIKE),
  match: MATCH,
  notmatch: opposite(MATCH),
  matchinsensitively: MATCH_INSENSITIVELY,
  notmatchinsensitively: opposite(MATCH_INSENSITIVELY),
  contains: CONTAINS,
  notcontains: opposite(CONTAINS),
  in: IN,
  notin: opposite(IN),
  containskey: CONTAINS_KEY,
  notcontainskey: opposite(CONTAINS_KEY),
  less: ordered((order) => order < 0),
  lessorequals: ordered((order) => order <= 0),
  greater: ordered((order) => order > 0),
  greaterorequals: ordered((order) => order >= 0),
  exists: { holds: exists, fault: flagOnly },
};

/** The condition of that name (without case), or undefined. */
export function operatorNamed(name: string): Operator | undefined {
  const lower = name.toLowerCase();
  return Object.hasOwn(OPERATORS, lower) ? OPERATORS[lower] : undefined;
}
