import type { SyntaxNode } from "../parser/syntax";
import { AGGREGATE_NAMES, MULTI_COLUMN_AGGREGATES } from "../run/aggregates/names";
import { argumentsOf, calledName } from "./lower-function";
import { explicitName } from "./names";
import type { Aggregate, Expression, Item, Step, SummarizeOutput } from "./plan";
import type { Lowering, Scope } from "./scope";
import { bare, child, list, nameOf } from "./tree";

/** One result of `summarize` before its columns have names. */
interface Draft {
  node: SyntaxNode;
  explicit: string[] | undefined;
  /** Columns it makes; undefined when `*` leaves that to the input. */
  width: number | undefined;
  /** A call of arg_max and its like, which makes several columns. */
  aggregate: number | undefined;
  value: Expression | undefined;
}

/** Lowers `summarize`: aggregates are taken out of the expressions around them and numbered. */
export function lowerSummarize(node: SyntaxNode, scope: Scope, lowering: Lowering): Step {
  const byNodes = node.children.ByClause ? list(node.children.ByClause, "Expressions") : [];
  const columns = node.open ? undefined : node.columns?.map((column) => column.name);
  const by = byNodes.map((each, index): Item => {
    const name = explicitName(each) ?? columns?.[index] ?? (each.resultName || `Column${index + 1}`);
    return { name, value: lowering.expression(each, scope) };
  });
  const aggregates: Aggregate[] = [];
  const inside = takingAggregates(lowering, aggregates);
  const drafts = list(node, "Aggregates").map((each) => lowerOutput(each, scope, inside, aggregates));
  return { op: "summarize", by, aggregates, outputs: nameOutputs(drafts, columns?.slice(by.length)) };
}

/** A lowering that takes the aggregates out of expressions and puts them into `aggregates`. */
function takingAggregates(lowering: Lowering, aggregates: Aggregate[]): Lowering {
  const inside: Lowering = {
    ...lowering,
    // Subqueries have aggregates of their own.
    tabular: (inner, innerScope) => lowering.tabular(inner, innerScope),
    expression: (inner, innerScope) => {
      if (!isAggregate(inner, innerScope)) return lowering.expression.call(inside, inner, innerScope);
      return { k: "aggregate", index: aggregates.push(lowerAggregate(inner, innerScope, lowering)) - 1 };
    },
  };
  return inside;
}

/** An expression over aggregates, which are added to `aggregates`. */
export function lowerWithAggregates(
  node: SyntaxNode,
  scope: Scope,
  lowering: Lowering,
  aggregates: Aggregate[],
): Expression {
  return takingAggregates(lowering, aggregates).expression(node, scope);
}

function isAggregate(node: SyntaxNode, scope: Scope): boolean {
  if (node.kind !== "FunctionCallExpression") return false;
  const name = calledName(node);
  return AGGREGATE_NAMES.has(name) && scope.find(name)?.kind !== "function";
}

/** One call of an aggregate. */
export function lowerAggregate(node: SyntaxNode, scope: Scope, lowering: Lowering): Aggregate {
  const args = argumentsOf(node);
  const values = args.filter((each) => each.kind !== "StarExpression");
  return {
    fn: calledName(node),
    args: values.map((each) => lowering.expression(each, scope)),
    star: values.length < args.length,
    at: node.start,
  };
}

function lowerOutput(node: SyntaxNode, scope: Scope, inside: Lowering, aggregates: Aggregate[]): Draft {
  const named = node.kind === "SimpleNamedExpression" || node.kind === "CompoundNamedExpression";
  const body = bare(named ? child(node, "Expression") : node);
  const value = inside.expression(body, scope);
  const draft: Draft = { node, explicit: explicitNames(node), width: 1, aggregate: undefined, value };
  const aggregate = value.k === "aggregate" ? aggregates[value.index] : undefined;
  if (value.k !== "aggregate" || !aggregate) return draft;
  const width = widthOf(aggregate);
  if (width === 1 && !MULTI_COLUMN_AGGREGATES.has(aggregate.fn)) return draft;
  return { ...draft, width, aggregate: value.index, value: undefined };
}

function explicitNames(node: SyntaxNode): string[] | undefined {
  if (node.kind === "SimpleNamedExpression") return [nameOf(child(node, "Name"))];
  if (node.kind !== "CompoundNamedExpression") return undefined;
  return list(child(node, "Names"), "Names").map(nameOf);
}

function widthOf(aggregate: Aggregate): number | undefined {
  if (aggregate.star) return undefined;
  if (!MULTI_COLUMN_AGGREGATES.has(aggregate.fn)) return 1;
  return aggregate.fn.startsWith("percentiles") ? aggregate.args.length - 1 : aggregate.args.length;
}

/** Gives each output its names: the parser's, by position, when all widths are known or only one is not. */
function nameOutputs(drafts: Draft[], columns: string[] | undefined): SummarizeOutput[] {
  const unknown = drafts.filter((draft) => draft.width === undefined).length;
  const fixed = drafts.reduce((sum, draft) => sum + (draft.width ?? 0), 0);
  const usable =
    columns !== undefined && (unknown === 1 ? columns.length >= fixed : unknown === 0 && columns.length === fixed);
  let position = 0;
  return drafts.map((draft, index): SummarizeOutput => {
    const width = draft.width ?? (columns?.length ?? 0) - fixed;
    const names = usable ? columns.slice(position, position + width) : undefined;
    position += width;
    if (draft.aggregate !== undefined) return { aggregate: draft.aggregate, names, first: draft.explicit?.[0] };
    const name = draft.explicit?.[0] ?? names?.[0] ?? (draft.node.resultName || `Column${index + 1}`);
    return { name, value: draft.value ?? { k: "literal", type: "dynamic", value: null } };
  });
}
