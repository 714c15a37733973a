import type { SyntaxNode } from "../parser/syntax";
import type { Expression, Pipeline, Source } from "./plan";
import type { Lowering, Scope } from "./scope";
import { bare, child, list, nameOf, parametersOf, refuse, tokenOf } from "./tree";

/** The column in which `search` and `union` tell the table of a row. */
const TABLE_COLUMN = "$table";

/** Whether a name fits a pattern in which `*` stands for anything. */
function fitsPattern(name: string, pattern: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const [index, part] of rest.entries()) {
    const found = index === rest.length - 1 ? Math.max(at, name.length - part.length) : name.indexOf(part, at);
    if (found < 0 || !name.startsWith(part, found)) return false;
    at = found + part.length;
  }
  return at === name.length;
}

/** The tables that a name with `*` stands for. */
export function tablesLike(pattern: string, lowering: Lowering): string[] {
  return lowering.draft.tableNames.filter((name) => fitsPattern(name, pattern));
}

/** Lowers `search`, at the head of a query or behind a pipe. */
export function lowerSearch(node: SyntaxNode, left: Pipeline | undefined, scope: Scope, lowering: Lowering): Pipeline {
  const kind = parametersOf(node).get("kind");
  const sensitive = kind !== undefined && tokenOf(kind) === "case_sensitive";
  const listed = node.children.InClause ? list(node.children.InClause, "Expressions") : undefined;
  const inputs = left
    ? [{ name: left.source.op === "table" ? left.source.name : "search_arg0", pipeline: left }]
    : tablesOf(listed, scope, lowering);
  if (inputs.length === 0) return refuse("'search' without a table", node);
  const source: Source = { op: "union", kind: "outer", withSource: TABLE_COLUMN, inputs };
  const predicate = searched(child(node, "Condition"), sensitive, scope, lowering);
  return { source, steps: [{ op: "where", predicate }] };
}

function tablesOf(listed: SyntaxNode[] | undefined, scope: Scope, lowering: Lowering) {
  const named = listed ?? [];
  const table = (name: string, at: number) => ({
    name,
    pipeline: { source: { op: "table" as const, name, at }, steps: [] },
  });
  if (!listed) return lowering.draft.tableNames.map((name) => table(name, 0));
  return named.flatMap((expression) => {
    const leg = bare(expression);
    const name = nameOf(leg);
    if (name.includes("*")) return tablesLike(name, lowering).map((each) => table(each, leg.start));
    return [{ name, pipeline: lowering.tabular(leg, scope) }];
  });
}

/** A condition of `search`: bare texts are looked for in every column. */
function searched(node: SyntaxNode, sensitive: boolean, scope: Scope, lowering: Lowering): Expression {
  const condition = bare(node);
  const inner = (name: string) => searched(child(condition, name), sensitive, scope, lowering);
  switch (condition.kind) {
    case "AndExpression":
    case "OrExpression": {
      const fn = condition.kind === "AndExpression" ? "and" : "or";
      return { k: "call", fn, args: [inner("Left"), inner("Right")], at: condition.start };
    }
    case "StringLiteralExpression":
    case "CompoundStringLiteralExpression": {
      const { operator, term } = termOf(condition.string ?? "", sensitive);
      return anyColumn(operator, { k: "literal", type: "string", value: term }, condition.start);
    }
    case "SearchExpression": {
      const right = child(condition, "Right");
      const { operator, term } = termOf(right.string ?? tokenOf(right), sensitive);
      const value: Expression = { k: "literal", type: "string", value: term };
      const args = [lowering.expression(child(condition, "Left"), scope), value];
      return { k: "call", fn: operator, args, at: condition.start };
    }
    case "StarExpression":
      return { k: "literal", type: "bool", value: true };
    case "FunctionCallExpression": {
      const [only] = list(child(condition, "ArgumentList"), "Expressions");
      if (nameOf(child(condition, "Name")) === "not" && only) {
        const args = [searched(only, sensitive, scope, lowering)];
        return { k: "call", fn: "not", args, at: condition.start };
      }
      return lowering.expression(condition, scope);
    }
    default:
      return lowering.expression(condition, scope);
  }
}

/** `abc` is a whole term, `abc*` begins one, `*abc` ends one, `*abc*` stands anywhere. */
function termOf(text: string, sensitive: boolean): { operator: string; term: string } {
  const form = sensitive ? "_cs" : "";
  const core = text.replace(/^\*|\*$/g, "");
  if (core.includes("*")) {
    const pattern = core.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
    return { operator: "matches regex", term: sensitive ? pattern : `(?i)${pattern}` };
  }
  const [open, close] = [text.startsWith("*"), text.length > 1 && text.endsWith("*")];
  const operator = open && close ? "contains" : close ? "hasprefix" : open ? "hassuffix" : "has";
  return { operator: operator + form, term: core };
}

/** A comparison that any column may meet: `* has "x"`. */
export function anyColumn(operator: string, right: Expression, at: number): Expression {
  return { k: "call", fn: "any column", args: [{ k: "literal", type: "string", value: operator }, right], at };
}
