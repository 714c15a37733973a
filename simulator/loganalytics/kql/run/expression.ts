import { KqlError } from "../errors";
import type { Expression } from "../plan/plan";
import { elementOf, propertyOf } from "../values/parse";
import { jsonOf } from "../values/text";
import type { Budget } from "./budget";
import { type Compiled, constant, json, type RowScope } from "./compiled";
import { converted } from "./functions/convert";
import { findFunction } from "./functions/registry";

/**
 * Makes an expression ready to run against rows of known columns. What depends on no row is evaluated here, once.
 * @throws KqlError when a column is not there or the types do not fit.
 */
export function compile(expression: Expression, scope: RowScope): Compiled {
  switch (expression.k) {
    case "literal":
      return constant(expression.type, expression.value);
    case "parameter":
      return constant(expression.type, scope.execution.parameters.get(expression.name) ?? null);
    case "column":
      return compileColumn(expression.name, expression.at, scope);
    case "property": {
      const of = compile(expression.of, scope);
      const read = json(of);
      const { name } = expression;
      return folded({
        type: "dynamic",
        value: (row, index) => propertyOf(read(row, index), name),
        constant: of.constant,
      });
    }
    case "element": {
      const of = compile(expression.of, scope);
      const by = compile(expression.by, scope);
      const read = json(of);
      return folded({
        type: "dynamic",
        value: (row, index) => elementOf(read(row, index), by.value(row, index)),
        constant: of.constant && by.constant,
      });
    }
    case "scalar": {
      const { columns, rows } = scope.execution.shared(expression.table);
      return constant(columns[0]?.type ?? "dynamic", rows[0]?.[0] ?? (columns[0]?.type === "string" ? "" : null));
    }
    case "list": {
      const { columns, rows } = scope.execution.shared(expression.table);
      const type = columns[0]?.type ?? "dynamic";
      return constant(
        "dynamic",
        rows.map((row) => jsonOf(row[0] ?? null, type)),
      );
    }
    case "cast":
      return folded(converted(compile(expression.of, scope), expression.type));
    case "aggregate": {
      const aggregate = scope.aggregates?.[expression.index];
      if (!aggregate) throw new KqlError("ParserFailed", "an aggregate stands outside 'summarize'");
      return aggregate;
    }
    case "call":
      return compileCall(expression, scope);
  }
}

function compileColumn(name: string, at: number, scope: RowScope): Compiled {
  const position = scope.columns.findIndex((column) => column.name === name);
  const column = scope.columns[position];
  if (!column) throw new KqlError("EvaluationFailed", `there is no column '${name}' here`, at);
  // A source may leave out a text; to the language it is empty.
  const nothing = column.type === "string" ? "" : null;
  return { type: column.type, value: (row) => row[position] ?? nothing, constant: false };
}

function compileCall(expression: Extract<Expression, { k: "call" }>, scope: RowScope): Compiled {
  const { fn, at } = expression;
  const spec = findFunction(fn);
  if (!spec) throw new KqlError("NotSupported", `function '${fn}' is not supported by this engine`, at);
  const args = expression.args.map((argument) => compile(argument, scope));
  if (args.length < spec.min || args.length > spec.max) {
    throw new KqlError("NotSupported", `'${fn}' with ${args.length} arguments is not supported by this engine`, at);
  }
  try {
    const made = watched(fn, spec.make(args, { scope, name: fn, at }), scope.execution.budget);
    return folded({ ...made, constant: !spec.volatile && args.every((argument) => argument.constant) });
  } catch (error) {
    // A value can be wrong without knowing where it stands; the call does.
    if (error instanceof KqlError && error.position === undefined) throw new KqlError(error.code, error.message, at);
    throw error;
  }
}

/** Functions whose result may be much larger than their arguments. */
const GROWING: ReadonlySet<string> = new Set([
  ...[
    "strcat",
    "strcat_delim",
    "strcat_array",
    "strrep",
    "replace",
    "replace_regex",
    "replace_string",
    "replace_strings",
  ],
  ...["tostring", "url_encode", "url_encode_component", "base64_encode_tostring", "base64_encodestring", "translate"],
  ...["pack", "bag_pack", "pack_dictionary", "pack_all", "pack_array", "bag_merge", "bag_set_key", "bag_zip", "zip"],
  ...["array_concat", "array_split", "array_iff", "array_iif", "set_union", "range", "repeat", "split", "extract_all"],
  ...["make_string", "dynamic_to_json"],
]);

function watched(fn: string, made: Compiled, budget: Budget): Compiled {
  if (!GROWING.has(fn)) return made;
  const { value } = made;
  return {
    ...made,
    value: (row, index) => {
      const result = value(row, index);
      budget.built(result);
      return result;
    },
  };
}

/** Evaluates a constant once. */
function folded(compiled: Compiled): Compiled {
  return compiled.constant ? constant(compiled.type, compiled.value([], 0)) : compiled;
}
