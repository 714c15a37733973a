import type { SyntaxNode } from "../parser/syntax";
import type { Column } from "../types";
import type { Item } from "./plan";
import type { Lowering, Scope } from "./scope";
import { child, list, nameOf, refuse } from "./tree";
import { TUPLES } from "./tuples";

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
  const explicit = new Set(nodes.flatMap((item) => explicitNames(item)));
  const announced = (node.columns ?? []).map((column) => column.name);
  const fresh = announced.filter((name) => !known.has(name) && !explicit.has(name));
  return nodes.flatMap((item, index): Item[] => {
    const tuple = tupleOf(item);
    const own = explicitNames(item);
    if (tuple) {
      const value = lowering.expression(tuple.call, scope);
      return tuple.parts.map((part, at) => ({
        name: own[at] ?? fresh.shift() ?? part.name,
        value: { k: "cast", of: { k: "property", of: value, name: part.name }, type: part.type },
      }));
    }
    if (item.kind === "CompoundNamedExpression") return refuse("a list of names", item);
    const value = lowering.expression(item, scope);
    // A name that the item has by itself, when the parser did not have to find another.
    const plain = item.resultName && announced.includes(item.resultName) && !fresh.includes(item.resultName);
    return [
      { name: own[0] ?? (plain ? item.resultName : fresh.shift()) ?? item.resultName ?? `${prefix}${index}`, value },
    ];
  });
}

function explicitNames(node: SyntaxNode): string[] {
  if (node.kind === "CompoundNamedExpression") return list(child(node, "Names"), "Names").map(nameOf);
  const name = explicitName(node);
  return name === undefined ? [] : [name];
}

/** A call of a function that gives several columns. */
function tupleOf(item: SyntaxNode) {
  const named = item.kind === "CompoundNamedExpression" || item.kind === "SimpleNamedExpression";
  const call = named ? child(item, "Expression") : item;
  if (call.kind !== "FunctionCallExpression" || call.symbol?.kind !== "Function") return undefined;
  const name = nameOf(child(call, "Name"));
  const parts = Object.hasOwn(TUPLES, name) ? TUPLES[name] : undefined;
  return parts && { call, parts };
}
