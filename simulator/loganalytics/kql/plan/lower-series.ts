import type { SyntaxNode } from "../parser/syntax";
import { lowerAggregate, lowerWithAggregates } from "./lower-summarize";
import { explicitName } from "./names";
import type { Aggregate, Expression, Item, Step } from "./plan";
import type { Lowering, Scope } from "./scope";
import { bare, child, list, nameOf, refuse, tokenOf } from "./tree";

/** Lowers `make-series`. */
export function lowerMakeSeries(node: SyntaxNode, scope: Scope, lowering: Lowering): Step {
  const columns = node.columns?.map((column) => column.name) ?? [];
  const byNodes = node.children.ByClause ? list(node.children.ByClause, "Expressions") : [];
  const by = byNodes.map((each, index): Item => {
    return { name: explicitName(each) ?? columns[index] ?? "", value: lowering.expression(each, scope) };
  });
  const aggregates: Aggregate[] = [];
  const series = list(node, "Aggregates").map((each, index) => {
    const expression = child(each, "Expression");
    const named = expression.kind === "SimpleNamedExpression";
    const value = lowerWithAggregates(
      bare(named ? child(expression, "Expression") : expression),
      scope,
      lowering,
      aggregates,
    );
    const fallback = each.children.DefaultExpression?.children.Expression;
    return {
      name: named ? nameOf(child(expression, "Name")) : (columns[by.length + index] ?? `Column${index}`),
      value,
      fallback: fallback && lowering.expression(fallback, scope),
    };
  });
  const on = child(child(node, "OnClause"), "Expression");
  return {
    op: "make-series",
    by,
    aggregates,
    series,
    on: { name: explicitName(on) ?? columns.at(-1) ?? "", value: lowering.expression(on, scope) },
    ...rangeOf(child(node, "RangeClause"), scope, lowering),
    evenEmpty: list(node, "Parameters").some((parameter) => tokenOf(child(parameter, "Expression")) === "nonempty"),
  };
}

function rangeOf(range: SyntaxNode, scope: Scope, lowering: Lowering) {
  const lower = (clause: string) => {
    const found = range.children[clause]?.children.Expression;
    return found && lowering.expression(found, scope);
  };
  if (range.kind === "MakeSeriesInRangeClause") {
    const [from, to, step] = list(child(range, "Arguments"), "Expressions").map((each) =>
      lowering.expression(each, scope),
    );
    if (!from || !to || !step) return refuse("this form of 'range' in 'make-series'", range);
    return { from, to, step, inclusive: true };
  }
  const step = lower("MakeSeriesStepClause");
  if (!step) return refuse("'make-series' without 'step'", range);
  return { from: lower("MakeSeriesFromClause"), to: lower("MakeSeriesToClause"), step, inclusive: false };
}

/** Lowers `top-hitters`: the heaviest values, exact here. */
export function lowerTopHitters(node: SyntaxNode, scope: Scope, lowering: Lowering): Step[] {
  const of = child(node, "OfExpression");
  const [name = "", weight = ""] = node.columns?.map((column) => column.name) ?? [];
  const by = node.children.ByClause?.children.Expression;
  const args = by ? [lowering.expression(by, scope)] : [];
  const aggregates: Aggregate[] = [{ fn: by ? "sum" : "count", args, star: false, at: node.start }];
  const value: Expression = { k: "column", name: weight, at: node.start };
  return [
    {
      op: "summarize",
      by: [{ name, value: lowering.expression(of, scope) }],
      aggregates,
      outputs: [{ name: weight, value: { k: "aggregate", index: 0 } }],
    },
    {
      op: "top",
      count: lowering.expression(child(node, "Expression"), scope),
      by: [{ value, descending: true, nullsFirst: false }],
    },
  ];
}

/** Lowers `top-nested`. */
export function lowerTopNested(node: SyntaxNode, scope: Scope, lowering: Lowering): Step {
  const columns = node.columns?.map((column) => column.name) ?? [];
  return {
    op: "top-nested",
    levels: list(node, "Clauses").map((clause, index) => {
      if (clause.children.WithOthersClause) return refuse("'with others' in 'top-nested'", clause);
      const count = clause.children.Expression;
      const ordered = child(clause, "ByExpression");
      const isOrdered = ordered.kind === "OrderedExpression";
      const by = isOrdered ? child(ordered, "Expression") : ordered;
      const named = by.kind === "SimpleNamedExpression";
      const aggregates: Aggregate[] = [];
      const value = lowerWithAggregates(bare(named ? child(by, "Expression") : by), scope, lowering, aggregates);
      const name = columns[2 * index] ?? "";
      return {
        count: count && lowering.expression(count, scope),
        of: { name, value: lowering.expression(child(clause, "OfExpression"), scope) },
        aggregates,
        name: columns[2 * index + 1] ?? "",
        value,
        descending: !(isOrdered && ordered.children.Ordering?.children.AscOrDescKeyword?.text === "asc"),
      };
    }),
  };
}

/** Lowers `evaluate pivot(column, aggregate, columns...)`. */
export function lowerPivot(args: readonly SyntaxNode[], at: SyntaxNode, scope: Scope, lowering: Lowering): Step {
  const [column, aggregate, ...rest] = args;
  const name = column && explicitName(column);
  if (name === undefined) return refuse("pivot() of anything but a column", at);
  const names = rest.map((each) => explicitName(each) ?? refuse("pivot() by anything but columns", each));
  return {
    op: "pivot",
    column: name,
    aggregate: aggregate
      ? lowerAggregate(bare(aggregate), scope, lowering)
      : { fn: "count", args: [], star: false, at: at.start },
    by: names.length > 0 ? names : undefined,
  };
}
