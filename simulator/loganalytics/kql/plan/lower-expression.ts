import { KqlError } from "../errors";
import type { SyntaxNode } from "../parser/syntax";
import { literalOf } from "./literals";
import { lowerScalarCall } from "./lower-function";
import { anyColumn } from "./lower-search";
import type { Expression } from "./plan";
import type { Lowering, Scope } from "./scope";
import { bare, child, isTabular, list, nameOf, operatorName, refuse, typeNamed } from "./tree";

const MAX_PLAN_SIZE = 50_000;

const BINARY: Record<string, string> = {
  AddExpression: "+",
  SubtractExpression: "-",
  MultiplyExpression: "*",
  DivideExpression: "/",
  ModuloExpression: "%",
  LessThanExpression: "<",
  LessThanOrEqualExpression: "<=",
  GreaterThanExpression: ">",
  GreaterThanOrEqualExpression: ">=",
  EqualExpression: "==",
  NotEqualExpression: "!=",
  AndExpression: "and",
  OrExpression: "or",
  EqualTildeExpression: "=~",
  BangTildeExpression: "!~",
  HasExpression: "has",
  HasCsExpression: "has_cs",
  NotHasExpression: "!has",
  NotHasCsExpression: "!has_cs",
  HasPrefixExpression: "hasprefix",
  HasPrefixCsExpression: "hasprefix_cs",
  NotHasPrefixExpression: "!hasprefix",
  NotHasPrefixCsExpression: "!hasprefix_cs",
  HasSuffixExpression: "hassuffix",
  HasSuffixCsExpression: "hassuffix_cs",
  NotHasSuffixExpression: "!hassuffix",
  NotHasSuffixCsExpression: "!hassuffix_cs",
  ContainsExpression: "contains",
  ContainsCsExpression: "contains_cs",
  NotContainsExpression: "!contains",
  NotContainsCsExpression: "!contains_cs",
  StartsWithExpression: "startswith",
  StartsWithCsExpression: "startswith_cs",
  NotStartsWithExpression: "!startswith",
  NotStartsWithCsExpression: "!startswith_cs",
  EndsWithExpression: "endswith",
  EndsWithCsExpression: "endswith_cs",
  NotEndsWithExpression: "!endswith",
  NotEndsWithCsExpression: "!endswith_cs",
  MatchesRegexExpression: "matches regex",
};

/** Operators with a list on the right. The parser's `InCs` is the one that ignores case. */
const LISTS: Record<string, string> = {
  InExpression: "in",
  InCsExpression: "in~",
  NotInExpression: "!in",
  NotInCsExpression: "!in~",
  HasAnyExpression: "has_any",
  HasAllExpression: "has_all",
};

/** Lowers a scalar expression. */
export function lowerExpression(node: SyntaxNode, scope: Scope, lowering: Lowering): Expression {
  if (++lowering.draft.size > MAX_PLAN_SIZE) {
    throw new KqlError("NotSupported", "the query is too large once its functions are written out", node.start);
  }
  const lower = (name: string) => lowering.expression(child(node, name), scope);
  const literal = literalOf(node);
  if (literal) return literal;
  const binary = BINARY[node.kind];
  if (binary && child(node, "Left").kind === "StarExpression") return anyColumn(binary, lower("Right"), node.start);
  if (binary) return { k: "call", fn: binary, args: [lower("Left"), lower("Right")], at: node.start };
  const listed = LISTS[node.kind];
  if (listed) return lowerList(listed, node, scope, lowering);
  switch (node.kind) {
    case "ParenthesizedExpression":
      return lower("Expression");
    case "SimpleNamedExpression":
      return lower("Expression");
    case "UnaryMinusExpression":
      return { k: "call", fn: "negate", args: [lower("Expression")], at: node.start };
    case "UnaryPlusExpression":
      return lower("Expression");
    case "BetweenExpression":
    case "NotBetweenExpression": {
      const range = child(node, "Right");
      const [first, second] = [child(range, "First"), child(range, "Second")];
      const args = [lower("Left"), lowering.expression(first, scope), lowering.expression(second, scope)];
      return { k: "call", fn: node.kind === "BetweenExpression" ? "between" : "!between", args, at: node.start };
    }
    case "PathExpression":
      return lowerPath(node, scope, lowering);
    case "ElementExpression": {
      const by = child(child(node, "Selector"), "Expression");
      return { k: "element", of: lower("Expression"), by: lowering.expression(by, scope) };
    }
    case "NameReference":
      return lowerName(node, scope, lowering);
    case "FunctionCallExpression":
      return lowerScalarCall(node, scope, lowering);
    case "ToScalarExpression":
      return lowerToScalar(node, scope, lowering);
    case "TypeOfLiteralExpression":
      return { k: "literal", type: "string", value: typeNamed(list(node, "Types")[0] ?? node) };
    case "StarExpression":
      return refuse("'*' in an expression", node);
    default:
      return refuse(`'${operatorName(node.kind)}'`, node);
  }
}

function lowerPath(node: SyntaxNode, scope: Scope, lowering: Lowering): Expression {
  const selector = child(node, "Selector");
  if (selector.kind !== "NameReference") return refuse("this form of path", selector);
  return { k: "property", of: lowering.expression(child(node, "Expression"), scope), name: nameOf(selector) };
}

/** A name: a column, or what a `let` or a parameter bound to it. */
function lowerName(node: SyntaxNode, scope: Scope, lowering: Lowering): Expression {
  const name = nameOf(node);
  if (node.symbol?.kind === "Variable" || node.symbol?.kind === "Parameter") {
    const binding = scope.find(node.symbol.name);
    if (binding?.kind === "scalar") return binding.value;
    if (binding?.kind === "table") return { k: "scalar", table: binding.table };
  }
  if (node.symbol?.kind === "Function") return lowerScalarCall(node, scope, lowering);
  if (node.symbol?.kind === "Table") return refuse(`table '${name}' as a value`, node);
  return { k: "column", name, at: node.start };
}

function lowerToScalar(node: SyntaxNode, scope: Scope, lowering: Lowering): Expression {
  const inner = bare(child(node, "Expression"));
  if (!isTabular(inner)) return lowering.expression(inner, scope);
  return { k: "scalar", table: lowering.share(lowering.tabular(inner, scope)) };
}

function lowerList(fn: string, node: SyntaxNode, scope: Scope, lowering: Lowering): Expression {
  const value = lowering.expression(child(node, "Left"), scope);
  const elements = list(child(node, "Right"), "Expressions");
  const [only] = elements;
  const args =
    elements.length === 1 && only && isTabular(bare(only))
      ? [{ k: "list" as const, table: lowering.share(lowering.tabular(bare(only), scope)) }]
      : elements.map((element) => lowering.expression(element, scope));
  return { k: "call", fn, args: [value, ...args], at: node.start };
}
