import { KqlError } from "../errors";
import type { SyntaxNode } from "../parser/syntax";
import type { Expression } from "./plan";
import type { Lowering, Scope } from "./scope";
import { bare, child, isTabular, list, nameOf, operatorName, refuse, typeNamed } from "./tree";

/** The name of what a call or a bare function name calls. */
export function calledName(node: SyntaxNode): string {
  return nameOf(node.children.Name ?? node);
}

/** Arguments as written, named ones included. */
export function argumentsOf(node: SyntaxNode): SyntaxNode[] {
  const given = node.children.ArgumentList;
  return given ? list(given, "Expressions") : [];
}

/** Lowers a call that gives a scalar: a function of the language, or one that the query declares (written out in place). */
export function lowerScalarCall(node: SyntaxNode, scope: Scope, lowering: Lowering): Expression {
  const name = calledName(node);
  const binding = scope.find(name);
  if (binding?.kind === "function") {
    const inlined = inline(node, scope, lowering);
    const body = bare(inlined.body);
    if (!isTabular(body)) return lowering.expression(body, inlined.scope);
    return { k: "scalar", table: lowering.share(lowering.tabular(body, inlined.scope)) };
  }
  if (isTabular(node)) return refuse(`table function '${name}' as a value`, node);
  if (name === "ingestion_time") lowering.draft.usesIngestionTime = true;
  const args = argumentsOf(node).map((argument) => lowering.expression(argument, scope));
  return { k: "call", fn: name, args, at: node.start };
}

/**
 * Binds the arguments of a call to the parameters of a declared function; gives its body and the names in force there.
 * `piped` is the numbered pipeline that `invoke` hands to the first parameter.
 */
export function inline(
  node: SyntaxNode,
  scope: Scope,
  lowering: Lowering,
  piped?: number,
): { body: SyntaxNode; scope: Scope } {
  const name = calledName(node);
  const binding = scope.find(name);
  if (binding?.kind !== "function") throw new KqlError("ParserFailed", `'${name}' is not a function`, node.start);
  const parameters = list(child(binding.declaration, "Parameters"), "Parameters");
  const given = argumentsOf(node);
  const named = new Map(
    given.flatMap((each) =>
      each.kind === "SimpleNamedExpression" ? [[nameOf(child(each, "Name")), child(each, "Expression")] as const] : [],
    ),
  );
  const positional = given.filter((each) => each.kind !== "SimpleNamedExpression");
  let inner = binding.scope;
  parameters.forEach((parameter, position) => {
    const declared = child(parameter, "NameAndType");
    const parameterName = nameOf(child(declared, "Name"));
    if (piped !== undefined && position === 0) {
      inner = inner.with(parameterName, { kind: "table", table: piped });
      return;
    }
    const index = piped === undefined ? position : position - 1;
    const type = child(declared, "Type");
    const argument = named.get(parameterName) ?? positional[index];
    const value = argument ?? parameter.children.DefaultValue?.children.Value;
    if (!value) throw new KqlError("ParserFailed", `'${name}' is called without '${parameterName}'`, node.start);
    if (type.kind === "SchemaTypeExpression") {
      inner = inner.with(parameterName, { kind: "table", table: lowering.share(lowering.tabular(value, scope)) });
      return;
    }
    const lowered = lowering.expression(value, argument ? scope : binding.scope);
    const wanted = typeNamed(type);
    inner = inner.with(parameterName, {
      kind: "scalar",
      value: value.type === wanted ? lowered : { k: "cast", of: lowered, type: wanted },
    });
  });
  const body = node.body ?? child(binding.declaration, "Body");
  for (const statement of list(body, "Statements")) inner = lowerStatement(statement, inner, lowering);
  return { body: child(body, "Expression"), scope: inner };
}

/** Takes up one `let`; gives the names in force after it. */
export function lowerStatement(statement: SyntaxNode, scope: Scope, lowering: Lowering): Scope {
  if (statement.kind === "SetOptionStatement") return scope;
  if (statement.kind !== "LetStatement") return refuse(`statement '${operatorName(statement.kind)}'`, statement);
  const name = nameOf(child(statement, "Name"));
  const value = bare(child(statement, "Expression"));
  if (value.kind === "FunctionDeclaration") return scope.with(name, { kind: "function", declaration: value, scope });
  if (isTabular(value)) {
    return scope.with(name, { kind: "table", table: lowering.share(lowering.tabular(value, scope)) });
  }
  return scope.with(name, { kind: "scalar", value: lowering.expression(value, scope) });
}
