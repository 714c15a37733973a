import { type Column, KQL_TYPES, type KqlType } from "../types";
import { kusto, type NativeNode, type NativeType, symbolKinds, syntaxKinds, toArray } from "./kusto";
import type { SymbolKind, SyntaxNode } from "./syntax";

const SYMBOLS: ReadonlySet<string> = new Set(["Variable", "Function", "Parameter", "Column", "Table"]);
const SCALARS: ReadonlySet<string> = new Set(KQL_TYPES);

/** Lists whose items become columns, so that the parser's name for each is worth asking. */
const NAMED_LISTS: ReadonlySet<string> = new Set(["Expressions", "Aggregates"]);

function isScalar(name: string): name is KqlType {
  return SCALARS.has(name);
}

function isSymbol(name: string): name is SymbolKind {
  return SYMBOLS.has(name);
}

/** The engine's name of a parser type; `dynamic` also for typed dynamics, undefined for tables and unknowns. */
function scalarOf(type: NativeType): KqlType | undefined {
  if (isScalar(type.Name)) return type.Name;
  const symbol = symbolKinds.get(type.Kind);
  return symbol === "Bag" || symbol === "Array" || type.Name.startsWith("dynamic") ? "dynamic" : undefined;
}

/** Columns of a table type. A type that the parser does not know is dynamic. */
function columnsOf(type: NativeType): Column[] | undefined {
  if (symbolKinds.get(type.Kind) !== "Table" || !type.Columns) return undefined;
  return toArray(type.Columns).map((column) => ({ name: column.Name, type: scalarOf(column.Type) ?? "dynamic" }));
}

/**
 * Copies a parsed tree into plain data. `offset` is where its text begins in the query: the body of a called function
 * is a tree of its own, which counts from its own start.
 */
export function convert(native: NativeNode, offset = 0): SyntaxNode {
  const node: SyntaxNode = {
    kind: syntaxKinds.get(native.Kind) ?? "Unknown",
    start: native.TextStart + offset,
    children: {},
    lists: {},
  };
  if (native.Text !== undefined && native.ChildCount === 0) node.text = native.Text;
  describe(native, node, offset);
  for (let index = 0; index < native.ChildCount; index++) {
    const child = native.GetChild(index);
    const name = native.GetName(index);
    if (!child || !name) continue;
    if (syntaxKinds.get(child.Kind) === "List") node.lists[name] = convertList(child, NAMED_LISTS.has(name), offset);
    else node.children[name] = convert(child, offset);
  }
  return node;
}

function convertList(list: NativeNode, named: boolean, offset: number): SyntaxNode[] {
  const nodes: SyntaxNode[] = [];
  for (let index = 0; index < list.ChildCount; index++) {
    const child = list.GetChild(index);
    if (!child) continue;
    const element = syntaxKinds.get(child.Kind) === "SeparatedElement" ? child.GetChild(0) : child;
    if (!element) continue;
    const node = convert(element, offset);
    if (named && element.ResultType !== undefined) {
      node.resultName = kusto.Binding.Binder.GetExpressionResultName(element, "");
    }
    nodes.push(node);
  }
  return nodes;
}

function describe(native: NativeNode, node: SyntaxNode, offset: number): void {
  const { ResultType: type, ReferencedSymbol: symbol } = native;
  if (type) {
    const scalar = scalarOf(type);
    const columns = columnsOf(type);
    if (scalar) node.type = scalar;
    if (columns) node.columns = columns;
    if (columns && type.IsOpen) node.open = true;
  }
  if (symbol) {
    const kind = symbolKinds.get(symbol.Kind) ?? "Other";
    node.symbol = { kind: isSymbol(kind) ? kind : "Other", name: symbol.Name };
  }
  if (native.SimpleName !== undefined) node.name = native.SimpleName;
  if (node.kind === "StringLiteralExpression" || node.kind === "CompoundStringLiteralExpression") {
    node.string = String(native.ConstantValue);
  }
  const body = native.GetCalledFunctionBody?.();
  if (body) {
    const declared = symbol?.Signatures?.getItem(0).Declaration;
    node.body = convert(body, declared ? declared.TextStart - body.TextStart : offset);
  }
}
