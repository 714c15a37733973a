import type { SyntaxNode } from "../parser/syntax";
import type { Column } from "../types";
import type { Item } from "./plan";
import type { Lowering, Scope } from "./scope";
import { child, list, nameOf, refuse } from "./tree";

/** The name that the query itself gives an item, if it gives one. */
export function explicitName(node: SyntaxNode): string | undefined {
  if (node.kind === "SimpleNamedExpression") return nameOf(child(node, "Name"));
  // A variable or a function without arguments is a value, whose column is named as any other's.
  const bound = node.symbol && node.symbol.kind !== "Column";
  return node.kind === "NameReference" && !bound ? nameOf(node) : undefined;
}

/**
 * Names for items that make one column each. The parser's own output columns say how it named the unnamed ones; where
 * those are not known before the query runs (an open schema), its name for the single expression does, or a numbered one.
 */
export function itemNames(nodes: SyntaxNode[], fresh: string[], prefix: string): string[] {
  const explicit = nodes.map(explicitName);
  const unnamed = fresh.filter((name) => !explicit.includes(name));
  return nodes.map((node, index) => {
    const name = explicit[index];
    if (name !== undefined) return name;
    return unnamed.shift() ?? (node.resultName || `${prefix}${index}`);
  });
}

/** Items of `project`, `extend`, `print`, `serialize`, `distinct`: a name and a value each. */
export function namedItems(
  node: SyntaxNode,
  listName: string,
  input: readonly Column[],
  scope: Scope,
  lowering: Lowering,
  prefix = "Column",
): Item[] {
  const nodes = list(node, listName);
  const known = new Set(input.map((column) => column.name));
  const fresh = (node.columns ?? []).map((column) => column.name).filter((name) => !known.has(name));
  const names = itemNames(nodes, fresh, prefix);
  return nodes.map((item, index) => {
    if (item.kind === "CompoundNamedExpression") return refuse("a list of names", item);
    return { name: names[index] ?? "", value: lowering.expression(item, scope) };
  });
}
