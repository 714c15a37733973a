import type { SyntaxNode } from "../parser/syntax";
import type { Column } from "../types";
import { constantOf } from "./literals";
import { argumentsOf, calledName, inline } from "./lower-function";
import { lowerJoin } from "./lower-join";
import { lowerParseKv } from "./lower-parse-kv";
import { lowerSearch } from "./lower-search";
import { lowerMakeSeries, lowerPivot, lowerTopHitters, lowerTopNested } from "./lower-series";
import { lowerSummarize } from "./lower-summarize";
import { lowerUnion } from "./lower-tabular";
import { explicitName, itemNames, namedItems } from "./names";
import type { Expansion, ParsePart, Pipeline, SortKey, Step } from "./plan";
import type { Lowering, Scope } from "./scope";
import { bare, child, list, nameOf, operatorName, parametersOf, refuse, tokenOf, typeNamed } from "./tree";

/** Adds an operator to a pipeline. `input` are the columns that flow into it, as far as they are known. */
export function applyOperator(
  pipeline: Pipeline,
  node: SyntaxNode,
  input: readonly Column[],
  scope: Scope,
  lowering: Lowering,
): Pipeline {
  if (node.kind === "UnionOperator") return { source: lowerUnion(node, pipeline, scope, lowering), steps: [] };
  // How an answer is drawn is the client's affair.
  if (node.kind === "RenderOperator") return pipeline;
  if (node.kind === "AsOperator") {
    const table = lowering.share(pipeline);
    lowering.draft.aliases.set(nameOf(child(node, "Name")), table);
    return { source: { op: "shared", table }, steps: [] };
  }
  if (node.kind === "InvokeOperator") {
    const inlined = inline(child(node, "Function"), scope, lowering, lowering.share(pipeline));
    return lowering.tabular(inlined.body, inlined.scope);
  }
  if (node.kind === "SearchOperator") return lowerSearch(node, pipeline, scope, lowering);
  const steps = [lowerStep(node, input, scope, lowering)].flat();
  return { source: pipeline.source, steps: [...pipeline.steps, ...steps] };
}

function lowerStep(node: SyntaxNode, input: readonly Column[], scope: Scope, lowering: Lowering): Step | Step[] {
  const lower = (name: string) => lowering.expression(child(node, name), scope);
  switch (node.kind) {
    case "FilterOperator":
      return { op: "where", predicate: lower("Condition") };
    case "ExtendOperator":
      return { op: "extend", items: namedItems(node, "Expressions", input, scope, lowering) };
    case "ProjectOperator":
      return { op: "project", items: namedItems(node, "Expressions", [], scope, lowering) };
    case "SerializeOperator":
      return { op: "serialize", items: namedItems(node, "Expressions", input, scope, lowering) };
    case "ProjectAwayOperator":
      return { op: "project-away", patterns: list(node, "Expressions").map(nameOf) };
    case "ProjectKeepOperator":
      return { op: "project-keep", patterns: list(node, "Expressions").map(nameOf) };
    case "ProjectRenameOperator":
      return { op: "project-rename", renames: list(node, "Expressions").map(renameOf) };
    case "ProjectReorderOperator":
      return { op: "project-reorder", patterns: list(node, "Expressions").map(orderedPattern) };
    case "SummarizeOperator":
      return lowerSummarize(node, scope, lowering);
    case "DistinctOperator": {
      const star = list(node, "Expressions").some((each) => each.kind === "StarExpression");
      return { op: "distinct", items: star ? "*" : namedItems(node, "Expressions", [], scope, lowering) };
    }
    case "CountOperator": {
      const named = node.children.AsIdentifier?.children.Identifier;
      return { op: "count", name: named ? nameOf(named) : "Count" };
    }
    case "SortOperator":
      return { op: "sort", by: list(node, "Expressions").map((key) => sortKey(key, scope, lowering)) };
    case "TopOperator":
      return { op: "top", count: lower("Expression"), by: [sortKey(child(node, "ByExpression"), scope, lowering)] };
    case "TakeOperator":
      return { op: "take", count: lower("Expression") };
    case "JoinOperator":
    case "LookupOperator":
      return lowerJoin(node, scope, lowering);
    case "MvExpandOperator":
      return lowerMvExpand(node, input, scope, lowering);
    case "MvApplyOperator":
      return lowerMvApply(node, input, scope, lowering);
    case "ParseOperator":
    case "ParseWhereOperator":
      return lowerParse(node, scope, lowering);
    case "ParseKvOperator":
      return lowerParseKv(node, scope, lowering);
    case "MakeSeriesOperator":
      return lowerMakeSeries(node, scope, lowering);
    case "TopHittersOperator":
      return lowerTopHitters(node, scope, lowering);
    case "TopNestedOperator":
      return lowerTopNested(node, scope, lowering);
    case "PartitionOperator":
      return lowerPartition(node, scope, lowering);
    case "SampleOperator":
      return { op: "sample", count: lower("Expression") };
    case "SampleDistinctOperator": {
      const name = node.columns?.[0]?.name ?? "";
      return [
        { op: "distinct", items: [{ name, value: lower("OfExpression") }] },
        { op: "take", count: lower("Expression") },
      ];
    }
    case "GetSchemaOperator":
      return { op: "getschema" };
    case "EvaluateOperator":
      return lowerPlugin(node, scope, lowering);
    default:
      return refuse(`operator '${operatorName(node.kind)}'`, node);
  }
}

function renameOf(node: SyntaxNode): { from: string; to: string } {
  const value = node.children.Expression;
  if (node.kind !== "SimpleNamedExpression" || !value) return refuse("this form of 'project-rename'", node);
  return { to: nameOf(child(node, "Name")), from: nameOf(value) };
}

function orderedPattern(node: SyntaxNode): { pattern: string; order: "none" | "asc" | "desc" } {
  if (node.kind !== "OrderedExpression") return { pattern: nameOf(node), order: "none" };
  const order = tokenOf(child(node, "Ordering"));
  if (order !== "asc" && order !== "desc") return refuse(`'${order}' in 'project-reorder'`, node);
  return { pattern: nameOf(child(node, "Expression")), order };
}

function sortKey(node: SyntaxNode, scope: Scope, lowering: Lowering): SortKey {
  if (node.kind !== "OrderedExpression") {
    return { value: lowering.expression(node, scope), descending: true, nullsFirst: false };
  }
  const ordering = node.children.Ordering;
  const descending = ordering?.children.AscOrDescKeyword?.text !== "asc";
  const nulls = ordering?.children.NullsClause?.children.FirstOrLastKeyword?.text;
  return {
    value: lowering.expression(child(node, "Expression"), scope),
    descending,
    nullsFirst: nulls ? nulls === "first" : !descending,
  };
}

/** The columns that `mv-expand` and `mv-apply` spread, with their names. */
function expansions(node: SyntaxNode, input: readonly Column[], scope: Scope, lowering: Lowering): Expansion[] {
  const parts = list(node, "Expressions");
  const values = parts.map((part) => child(part, "Expression"));
  const known = new Set(input.map((column) => column.name));
  const fresh = (node.columns ?? []).map((column) => column.name).filter((name) => !known.has(name));
  const names = itemNames(values, fresh, "Column");
  return parts.map((part, index) => {
    const typed = part.children.ToTypeOf?.children.TypeOf;
    const type = typed && list(typed, "Types")[0];
    return {
      name: names[index] ?? "",
      value: lowering.expression(child(part, "Expression"), scope),
      type: type ? typeNamed(type) : undefined,
    };
  });
}

function indexNameOf(node: SyntaxNode): string | undefined {
  const named = parametersOf(node).get("with_itemindex");
  return named && nameOf(named);
}

function limitOf(node: SyntaxNode, scope: Scope, lowering: Lowering) {
  const limit = node.children.RowLimitClause?.children.RowLimit;
  return limit && lowering.expression(limit, scope);
}

function lowerMvExpand(node: SyntaxNode, input: readonly Column[], scope: Scope, lowering: Lowering): Step {
  const parameters = parametersOf(node);
  const kind = parameters.get("bagexpansion") ?? parameters.get("kind");
  const bags = kind ? tokenOf(kind) : "bag";
  if (bags !== "bag" && bags !== "array") return refuse(`mv-expand kind '${bags}'`, node);
  return {
    op: "mv-expand",
    items: expansions(node, input, scope, lowering),
    bags,
    indexName: indexNameOf(node),
    limit: limitOf(node, scope, lowering),
  };
}

function lowerMvApply(node: SyntaxNode, input: readonly Column[], scope: Scope, lowering: Lowering): Step {
  if (node.children.ContextIdClause) return refuse("'id' in 'mv-apply'", node);
  return {
    op: "mv-apply",
    items: expansions(node, input, scope, lowering),
    indexName: indexNameOf(node),
    limit: limitOf(node, scope, lowering),
    body: lowering.tabular(child(child(node, "Subquery"), "Expression"), scope),
  };
}

function lowerParse(node: SyntaxNode, scope: Scope, lowering: Lowering): Step {
  const parameters = parametersOf(node);
  const kind = parameters.get("kind");
  const flags = parameters.get("flags");
  const mode = kind ? tokenOf(kind) : "simple";
  if (mode !== "simple" && mode !== "regex" && mode !== "relaxed") return refuse(`parse kind '${mode}'`, node);
  return {
    op: "parse",
    value: lowering.expression(child(node, "Expression"), scope),
    regex: mode === "regex",
    relaxed: mode === "relaxed",
    flags: flags ? tokenOf(flags) : "",
    parts: list(node, "Patterns").map((part) => parsePart(part, scope, lowering)),
    filter: node.kind === "ParseWhereOperator",
  };
}

function parsePart(node: SyntaxNode, scope: Scope, lowering: Lowering): ParsePart {
  if (node.kind === "StarExpression") return { k: "skip" };
  if (node.kind === "NameDeclaration") return { k: "column", name: nameOf(node), type: "string" };
  if (node.kind === "NameAndTypeDeclaration") {
    return { k: "column", name: nameOf(child(node, "Name")), type: typeNamed(child(node, "Type")) };
  }
  const text = constantOf(lowering.expression(bare(node), scope), lowering.draft);
  return typeof text === "string" ? { k: "text", text } : refuse("a pattern of 'parse' that is not a literal", node);
}

function lowerPartition(node: SyntaxNode, scope: Scope, lowering: Lowering): Step {
  const operand = child(node, "Operand");
  if (operand.kind !== "PartitionSubquery") return refuse("'partition' with a query in braces", operand);
  return {
    op: "partition",
    by: lowering.expression(child(node, "ByExpression"), scope),
    body: lowering.tabular(child(operand, "Subquery"), scope),
  };
}

/** The columns that `evaluate ... : (*, x:long)` states. */
function declaredSchema(node: SyntaxNode) {
  const schema = node.children.Schema?.children.Schema;
  if (!schema) return undefined;
  const columns = list(schema, "Columns").map((column) => ({
    name: nameOf(child(column, "Name")),
    type: typeNamed(child(column, "Type")),
  }));
  return { star: schema.children.AsteriskToken?.text === "*", columns };
}

function lowerPlugin(node: SyntaxNode, scope: Scope, lowering: Lowering): Step {
  const call = child(node, "FunctionCall");
  const name = calledName(call);
  const schema = declaredSchema(node);
  if (schema && name !== "bag_unpack") return refuse(`a declared schema of '${name}'`, node);
  if (name === "pivot") return lowerPivot(argumentsOf(call), node, scope, lowering);
  if (name === "narrow") return { op: "narrow" };
  if (name !== "bag_unpack") return refuse(`plugin '${name}'`, node);
  const [bag, ...rest] = argumentsOf(call);
  const column = bag && explicitName(bag);
  if (column === undefined) return refuse("bag_unpack of anything but a column", node);
  const values = new Map<string, unknown>();
  rest.forEach((argument, index) => {
    const named = argument.kind === "SimpleNamedExpression";
    const key = named
      ? nameOf(child(argument, "Name"))
      : (["OutputColumnPrefix", "columnsConflict", "ignoredProperties"][index] ?? "");
    const value = constantOf(lowering.expression(argument, scope), lowering.draft);
    if (value === undefined) refuse("an argument of 'bag_unpack' that is not a literal", argument);
    values.set(key, value);
  });
  const conflict = values.get("columnsConflict") ?? "error";
  if (conflict !== "error" && conflict !== "replace_source" && conflict !== "keep_source") {
    return refuse(`columnsConflict '${String(conflict)}'`, node);
  }
  const ignored = values.get("ignoredProperties");
  return {
    op: "bag-unpack",
    column,
    prefix: String(values.get("OutputColumnPrefix") ?? ""),
    conflict,
    ignored: Array.isArray(ignored) ? ignored.map(String) : [],
    schema,
  };
}
