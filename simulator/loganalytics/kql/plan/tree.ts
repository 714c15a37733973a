import { KqlError } from "../errors";
import type { SyntaxNode } from "../parser/syntax";
import type { KqlType } from "../types";

/** The named child; its absence would be an error that the parser did not report. */
export function child(node: SyntaxNode, name: string): SyntaxNode {
  const found = node.children[name];
  if (!found) throw new KqlError("ParserFailed", `${node.kind} has no ${name}`, node.start);
  return found;
}

export function list(node: SyntaxNode, name: string): SyntaxNode[] {
  return node.lists[name] ?? [];
}

/** The text of the first token in a node. */
export function tokenOf(node: SyntaxNode): string {
  if (node.text !== undefined) return node.text;
  for (const each of Object.values(node.children)) {
    const text = tokenOf(each);
    if (text !== "") return text;
  }
  return "";
}

/** The plain name of a declaration or reference. */
export function nameOf(node: SyntaxNode): string {
  return node.name ?? (node.string !== undefined ? node.string : tokenOf(node));
}

/** Parameters of an operator: `kind=inner`, `isfuzzy=true`, `hint.strategy=broadcast`. */
export function parametersOf(node: SyntaxNode): Map<string, SyntaxNode> {
  const parameters = new Map<string, SyntaxNode>();
  for (const parameter of list(node, "Parameters")) {
    parameters.set(nameOf(child(parameter, "Name")).toLowerCase(), child(parameter, "Expression"));
  }
  return parameters;
}

/** Takes parentheses off. */
export function bare(node: SyntaxNode): SyntaxNode {
  return node.kind === "ParenthesizedExpression" ? bare(child(node, "Expression")) : node;
}

export function isTabular(node: SyntaxNode): boolean {
  return node.columns !== undefined;
}

/** `MvExpandOperator` -> `mv-expand`. */
export function operatorName(kind: string): string {
  if (kind === "ReduceByOperator") return "reduce";
  if (kind === "ExternalDataExpression") return "externaldata";
  const bareKind = kind.replace(/(Operator|Expression|Statement)$/, "");
  return bareKind.replace(/([a-z])([A-Z])/g, "$1-$2").toLowerCase();
}

/** Refuses something by name, before anything runs. */
export function refuse(what: string, node: SyntaxNode): never {
  throw new KqlError("NotSupported", `${what} is not supported by this engine`, node.start);
}

/** The type named in `typeof(...)` or in a declaration. */
export function typeNamed(node: SyntaxNode): KqlType {
  const name = (node.children.Type?.text ?? node.text ?? "").toLowerCase();
  const type = TYPE_NAMES[name];
  return type ?? refuse(`type '${name}'`, node);
}

const TYPE_NAMES: Record<string, KqlType> = {
  string: "string",
  long: "long",
  int64: "long",
  ulong: "long",
  int: "int",
  int32: "int",
  real: "real",
  double: "real",
  float: "real",
  decimal: "decimal",
  bool: "bool",
  boolean: "bool",
  datetime: "datetime",
  date: "datetime",
  timespan: "timespan",
  time: "timespan",
  guid: "guid",
  uuid: "guid",
  uniqueid: "guid",
  dynamic: "dynamic",
};
