import { KqlError } from "../errors";
import type { SyntaxNode } from "../parser/syntax";
import { lowerExpression } from "./lower-expression";
import { lowerStatement } from "./lower-function";
import { applyOperator } from "./lower-step";
import { lowerPipe } from "./lower-tabular";
import type { Prologue } from "./parameters";
import { type Pipeline, PLAN_VERSION, type Plan } from "./plan";
import { type Lowering, Scope } from "./scope";
import { bare, child, isTabular, list, operatorName, refuse } from "./tree";

/**
 * Turns an analysed query into a plan. Its first statements are the parameters of the prologue.
 * @throws KqlError `NotSupported`, naming the operator that the engine lacks.
 */
export function lowerQuery(
  root: SyntaxNode,
  prologue: Omit<Prologue, "shape">,
  tableNames: readonly string[] = [],
): Plan {
  if (root.kind !== "QueryBlock") throw new KqlError("NotSupported", "only queries are supported by this engine", 0);
  const lowering: Lowering = {
    draft: {
      tables: [],
      calls: [],
      usesIngestionTime: false,
      aliases: new Map(),
      tableNames,
      size: 0,
      parameters: new Map(prologue.parameters.map((each) => [each.name, each.value])),
      pinned: new Set(),
    },
    expression(node, scope) {
      return lowerExpression(node, scope, this);
    },
    tabular(node, scope) {
      return lowerPipe(node, scope, this, (pipeline, operator, input) =>
        applyOperator(pipeline, operator, input, scope, this),
      );
    },
    share(pipeline) {
      return lowering.draft.tables.push(pipeline) - 1;
    },
  };
  let scope = new Scope();
  let main: { pipeline: Pipeline; node: SyntaxNode } | undefined;
  for (const { name, type } of prologue.parameters) {
    scope = scope.with(name, { kind: "scalar", value: { k: "parameter", name, type } });
  }
  for (const statement of list(root, "Statements").slice(prologue.parameters.length)) {
    if (statement.kind !== "ExpressionStatement") {
      scope = lowerStatement(statement, scope, lowering);
      continue;
    }
    if (main)
      throw new KqlError(
        "NotSupported",
        "several queries in one text are not supported by this engine",
        statement.start,
      );
    const node = bare(child(statement, "Expression"));
    if (!isTabular(node)) refuseOperator(node);
    if (!isTabular(node)) throw new KqlError("NotSupported", "the query gives no table", node.start);
    main = { pipeline: lowering.tabular(node, scope), node };
  }
  if (!main) throw new KqlError("EvaluationFailed", "the text holds no query", 0);
  const { tables, calls, usesIngestionTime, pinned } = lowering.draft;
  const columns = main.node.open ? undefined : main.node.columns;
  return {
    version: PLAN_VERSION,
    tables,
    main: main.pipeline,
    columns,
    usesIngestionTime,
    prologueLength: prologue.length,
    pinned: [...pinned],
    calls,
  };
}

/** Operators that give several tables or none (`fork`, `facet`, `consume`) are refused by name. */
function refuseOperator(node: SyntaxNode): void {
  const operator = node.kind === "PipeExpression" ? child(node, "Operator") : node;
  if (operator.kind.endsWith("Operator")) refuse(`operator '${operatorName(operator.kind)}'`, operator);
}
