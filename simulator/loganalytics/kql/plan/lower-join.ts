import type { SyntaxNode } from "../parser/syntax";
import { JOIN_KINDS, type JoinKey, type JoinKind, type Step } from "./plan";
import type { Lowering, Scope } from "./scope";
import { bare, child, list, nameOf, parametersOf, refuse, tokenOf } from "./tree";

const ALIASES: Record<string, JoinKind> = {
  anti: "leftanti",
  leftantisemi: "leftanti",
  rightantisemi: "rightanti",
};

function isJoinKind(kind: string): kind is JoinKind {
  return (JOIN_KINDS as readonly string[]).includes(kind);
}

/** Lowers `join` and `lookup`. */
export function lowerJoin(node: SyntaxNode, scope: Scope, lowering: Lowering): Step {
  const right = lowering.tabular(child(node, "Expression"), scope);
  const named = parametersOf(node).get("kind");
  const clause = node.children.ConditionClause ?? node.children.LookupClause;
  if (clause?.kind !== "JoinOnClause") return refuse("a join without 'on'", node);
  const on = list(clause, "Expressions").flatMap((condition) => joinKeys(condition, scope, lowering));
  if (node.kind === "LookupOperator") {
    const kind = named ? tokenOf(named) : "leftouter";
    if (kind !== "leftouter" && kind !== "inner") return refuse(`lookup kind '${kind}'`, node);
    return { op: "lookup", kind, right, on };
  }
  const text = named ? tokenOf(named) : "innerunique";
  const kind = ALIASES[text] ?? text;
  return isJoinKind(kind) ? { op: "join", kind, right, on } : refuse(`join kind '${text}'`, node);
}

function joinKeys(node: SyntaxNode, scope: Scope, lowering: Lowering): JoinKey[] {
  const condition = bare(node);
  if (condition.kind === "NameReference") {
    const column = { k: "column" as const, name: nameOf(condition), at: condition.start };
    return [{ left: column, right: column, shared: true }];
  }
  if (condition.kind === "AndExpression") {
    return [child(condition, "Left"), child(condition, "Right")].flatMap((each) => joinKeys(each, scope, lowering));
  }
  if (condition.kind !== "EqualExpression") return refuse("a join condition other than equality", condition);
  const sides = [child(condition, "Left"), child(condition, "Right")].map(bare);
  const left = sides.find((side) => sideOf(side) === "$left");
  const right = sides.find((side) => sideOf(side) === "$right");
  if (!left || !right) return refuse("a join condition other than '$left.x == $right.y'", condition);
  const leftName = nameOf(child(left, "Selector"));
  const rightName = nameOf(child(right, "Selector"));
  return [
    {
      left: { k: "column", name: leftName, at: left.start },
      right: { k: "column", name: rightName, at: right.start },
      shared: false,
    },
  ];
}

function sideOf(node: SyntaxNode): string | undefined {
  return node.kind === "PathExpression" ? nameOf(child(node, "Expression")) : undefined;
}
