import { KqlError } from "../errors";
import type { SyntaxNode } from "../parser/syntax";
import type { Column, Value } from "../types";
import { constantOf } from "./literals";
import { argumentsOf, calledName, inline } from "./lower-function";
import { lowerSearch, tablesLike } from "./lower-search";
import { namedItems } from "./names";
import type { Pipeline, Source } from "./plan";
import type { Lowering, Scope } from "./scope";
import { bare, child, isTabular, list, nameOf, operatorName, parametersOf, refuse, tokenOf, typeNamed } from "./tree";

function from(source: Source): Pipeline {
  return { source, steps: [] };
}

/** Lowers what stands at the head of a pipe; undefined when the node is no source. */
function lowerSource(node: SyntaxNode, scope: Scope, lowering: Lowering): Pipeline | undefined {
  switch (node.kind) {
    case "NameReference":
      return lowerNamed(node, scope, lowering);
    case "FunctionCallExpression":
      return lowerCall(node, scope, lowering);
    case "MaterializeExpression":
      return from({ op: "shared", table: lowering.share(lowering.tabular(child(node, "Expression"), scope)) });
    case "DataTableExpression":
      return from(lowerDatatable(node, scope, lowering));
    case "PrintOperator":
      return from({ op: "print", items: namedItems(node, "Expressions", [], scope, lowering, "print_") });
    case "RangeOperator":
      return from({
        op: "range",
        name: nameOf(child(node, "Name")),
        from: lowering.expression(child(node, "From"), scope),
        to: lowering.expression(child(node, "To"), scope),
        step: lowering.expression(child(node, "Step"), scope),
      });
    case "SearchOperator":
      return lowerSearch(node, undefined, scope, lowering);
    case "UnionOperator":
      return from(lowerUnion(node, undefined, scope, lowering));
    default:
      return undefined;
  }
}

function lowerNamed(node: SyntaxNode, scope: Scope, lowering: Lowering): Pipeline {
  const name = node.symbol?.name ?? nameOf(node);
  const binding = node.symbol?.kind === "Table" ? undefined : scope.find(name);
  const table = binding?.kind === "table" ? binding.table : binding ? undefined : lowering.draft.aliases.get(name);
  if (table !== undefined) return from({ op: "shared", table });
  if (binding?.kind === "function") {
    const inlined = inline(node, scope, lowering);
    return lowering.tabular(inlined.body, inlined.scope);
  }
  if (node.symbol?.kind === "Function") return lowerCall(node, scope, lowering);
  return tableNamed(name, node.start);
}

function tableNamed(name: string, at: number): Pipeline {
  return from({ op: "table", name, at });
}

function lowerCall(node: SyntaxNode, scope: Scope, lowering: Lowering): Pipeline {
  const name = calledName(node);
  if (scope.find(name)?.kind === "function") {
    const inlined = inline(node, scope, lowering);
    return lowering.tabular(inlined.body, inlined.scope);
  }
  const args = argumentsOf(node).map((argument): Value => {
    const value = constantOf(lowering.expression(argument, scope), lowering.draft);
    if (value === undefined) return refuse(`an argument of '${name}' that is not a literal`, argument);
    return value;
  });
  if (!isTabular(node)) return refuse(`function '${name}' as a table`, node);
  lowering.draft.calls.push({ name, arguments: args, columns: node.columns ?? [] });
  return from({ op: "function", name, args, at: node.start });
}

function lowerDatatable(node: SyntaxNode, scope: Scope, lowering: Lowering): Source {
  const columns: Column[] = list(child(node, "Schema"), "Columns").map((column) => ({
    name: nameOf(child(column, "Name")),
    type: typeNamed(child(column, "Type")),
  }));
  const cells = list(node, "Values").map((cell): Value => {
    const value = constantOf(lowering.expression(cell, scope), lowering.draft);
    if (value === undefined) return refuse("a datatable cell that is not a literal", cell);
    return value;
  });
  const rows: Value[][] = [];
  for (let index = 0; index < cells.length; index += columns.length)
    rows.push(cells.slice(index, index + columns.length));
  return { op: "datatable", columns, rows };
}

/** Lowers `union`; `left` is what flows in from the pipe, if anything. */
export function lowerUnion(node: SyntaxNode, left: Pipeline | undefined, scope: Scope, lowering: Lowering): Source {
  const parameters = parametersOf(node);
  const kind = tokenOf(parameters.get("kind") ?? { kind: "", start: 0, text: "outer", children: {}, lists: {} });
  if (kind !== "outer" && kind !== "inner") return refuse(`union kind '${kind}'`, node);
  const source = parameters.get("withsource") ?? parameters.get("with_source");
  const inputs = left ? [{ name: "union_arg0", pipeline: left }] : [];
  for (const expression of list(node, "Expressions")) {
    const leg = bare(expression);
    if (leg.name?.includes("*")) {
      for (const name of tablesLike(leg.name, lowering)) inputs.push({ name, pipeline: tableNamed(name, leg.start) });
      continue;
    }
    // With isfuzzy a table that does not exist is only a warning: the leg is left out.
    if (leg.kind === "NameReference" && !leg.symbol) continue;
    if (!hasKnownSource(leg)) continue;
    const name = leg.kind === "NameReference" ? nameOf(leg) : `union_arg${inputs.length}`;
    inputs.push({ name, pipeline: lowering.tabular(leg, scope) });
  }
  if (inputs.length === 0) {
    throw new KqlError("EvaluationFailed", "none of the tables of this 'union isfuzzy=true' exists", node.start);
  }
  return { op: "union", kind, withSource: source && nameOf(source), inputs };
}

/** False when the leg reads a table that does not exist: the parser then leaves its name without a meaning. */
function hasKnownSource(node: SyntaxNode): boolean {
  if (node.kind === "PipeExpression" || node.kind === "ParenthesizedExpression") {
    return hasKnownSource(child(node, "Expression"));
  }
  return node.kind !== "NameReference" || node.symbol !== undefined;
}

/** Lowers a tabular expression whose operators `applyOperator` lowers. */
export function lowerPipe(
  node: SyntaxNode,
  scope: Scope,
  lowering: Lowering,
  applyOperator: (pipeline: Pipeline, operator: SyntaxNode, input: readonly Column[]) => Pipeline,
): Pipeline {
  const inner = bare(node);
  if (inner.kind === "PipeExpression") {
    const left = child(inner, "Expression");
    return applyOperator(lowering.tabular(left, scope), child(inner, "Operator"), left.columns ?? []);
  }
  const source = lowerSource(inner, scope, lowering);
  if (source) return source;
  if (inner.kind.endsWith("Operator")) {
    // Only the body of an `mv-apply` begins with an operator: it continues the rows handed in.
    return applyOperator(from({ op: "given" }), inner, inner.columns ?? []);
  }
  return refuse(`'${operatorName(inner.kind)}'`, inner);
}
