import { KqlError } from "../errors";
import type { SyntaxNode } from "../parser/syntax";
import type { Json, KqlType, Value } from "../types";
import { parseBool, parseGuid, parseLong, parseReal } from "../values/parse";
import { jsonOf } from "../values/text";
import { parseDatetime, parseTimespan } from "../values/time";
import type { Expression } from "./plan";
import type { Draft } from "./scope";
import { child, list, tokenOf } from "./tree";

const LITERALS: Record<string, KqlType> = {
  BooleanLiteralExpression: "bool",
  IntLiteralExpression: "int",
  LongLiteralExpression: "long",
  RealLiteralExpression: "real",
  DecimalLiteralExpression: "decimal",
  DateTimeLiteralExpression: "datetime",
  TimespanLiteralExpression: "timespan",
  GuidLiteralExpression: "guid",
  StringLiteralExpression: "string",
  CompoundStringLiteralExpression: "string",
};

/** `datetime(2024-01-01)` -> `2024-01-01`; a bare `1d` stays. */
function inside(text: string): string {
  const match = /^[a-z0-9]+\s*\(([\s\S]*)\)$/i.exec(text.trim());
  return (match?.[1] ?? text).trim().replace(/^(['"])(.*)\1$/s, "$2");
}

function read(text: string, type: KqlType): Value {
  switch (type) {
    case "bool":
      return parseBool(text);
    case "int":
    case "long":
      return parseLong(text);
    case "real":
    case "decimal":
      return parseReal(text);
    case "datetime":
      return parseDatetime(text);
    case "timespan":
      return parseTimespan(text);
    case "guid":
      return parseGuid(text);
    default:
      return text;
  }
}

/** `real(nan)` and its like have no JSON form, so they stay calls. */
function unusual(value: number, at: number): Expression {
  return { k: "call", fn: "todouble", args: [{ k: "literal", type: "string", value: String(value) }], at };
}

/** The literal that a node is, or undefined when it is none. */
export function literalOf(node: SyntaxNode): Expression | undefined {
  if (node.kind === "DynamicExpression") {
    return { k: "literal", type: "dynamic", value: jsonLiteral(child(node, "Expression")) };
  }
  const type = LITERALS[node.kind];
  if (!type) return undefined;
  if (node.string !== undefined) return { k: "literal", type, value: node.string };
  const text = inside(tokenOf(node));
  if (text.toLowerCase() === "null") return { k: "literal", type, value: null };
  // `now` and `min`/`max` are the forms of a date literal that are no dates; the service knows them too.
  if (type === "datetime" && text.toLowerCase() === "now") return { k: "call", fn: "now", args: [], at: node.start };
  const value = read(text, type);
  if (value === null) throw new KqlError("EvaluationFailed", `'${text}' is not a ${type}`, node.start);
  if (typeof value === "number" && !Number.isFinite(value)) return unusual(value, node.start);
  return { k: "literal", type, value };
}

/** The value of what stands in `dynamic(...)`. */
function jsonLiteral(node: SyntaxNode): Json {
  if (node.kind === "JsonArrayExpression") return list(node, "Values").map(jsonLiteral);
  if (node.kind === "JsonObjectExpression") {
    return Object.fromEntries(
      list(node, "Pairs").map((pair) => [keyText(child(pair, "Name")), jsonLiteral(child(pair, "Value"))]),
    );
  }
  if (node.kind === "NullLiteralExpression") return null;
  if (node.kind === "UnaryMinusExpression") {
    const value = jsonLiteral(child(node, "Expression"));
    return typeof value === "number" ? -value : value;
  }
  const literal = literalOf(node);
  if (literal?.k === "literal") return jsonOf(literal.value, literal.type);
  throw new KqlError("NotSupported", "this form of dynamic literal is not supported by this engine", node.start);
}

/** A property name in a dynamic literal: a quoted token, whose escapes are JSON's or JavaScript's. */
function keyText(token: SyntaxNode): string {
  if (token.string !== undefined) return token.string;
  const body = tokenOf(token).slice(1, -1);
  return body.replace(/\\(u[0-9a-f]{4}|.)/gi, (_, code: string) => {
    if (code.length === 5) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return { n: "\n", t: "\t", r: "\r" }[code] ?? code;
  });
}

/**
 * The value of an expression that must be known before the query runs; undefined when it is not constant. A parameter
 * that is looked at here ties the plan to its value.
 */
export function constantOf(expression: Expression, draft: Draft): Value | undefined {
  if (expression.k === "literal") return expression.value;
  if (expression.k === "parameter") {
    draft.pinned.add(expression.name);
    return draft.parameters.get(expression.name);
  }
  const [only] = expression.k === "call" && expression.fn === "negate" ? expression.args : [];
  if (only?.k === "literal" && typeof only.value === "number") return -only.value;
  return undefined;
}
