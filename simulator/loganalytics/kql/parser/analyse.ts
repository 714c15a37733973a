import { KqlError } from "../errors";
import { lowerQuery } from "../plan/lower";
import type { Column, Value } from "../types";
import { convert } from "./convert";
import { kusto, type NativeType, toArray } from "./kusto";
import type { CallSchema, ParseReply, ParseRequest, Schema } from "./protocol";
import type { Diagnostic } from "./syntax";

const SCALARS: Record<Column["type"], NativeType | undefined> = {
  string: kusto.Symbols.ScalarTypes.String,
  long: kusto.Symbols.ScalarTypes.Long,
  int: kusto.Symbols.ScalarTypes.Int,
  real: kusto.Symbols.ScalarTypes.Real,
  decimal: kusto.Symbols.ScalarTypes.Decimal,
  bool: kusto.Symbols.ScalarTypes.Bool,
  datetime: kusto.Symbols.ScalarTypes.DateTime,
  timespan: kusto.Symbols.ScalarTypes.TimeSpan,
  guid: kusto.Symbols.ScalarTypes.Guid,
  dynamic: kusto.Symbols.ScalarTypes.Dynamic,
};

function tableSymbol(name: string, columns: readonly Column[]): NativeType {
  const { ColumnSymbol, TableSymbol } = kusto.Symbols;
  return new TableSymbol.$ctor4(
    name,
    columns.map((column) => new ColumnSymbol(column.name, SCALARS[column.type])),
  );
}

type Needs = { name: string; arguments: Value[] }[];

/** What the parser may know of; calls of tabular functions whose columns are not yet known are put into `needs`. */
function globalsOf(schema: Schema, calls: CallSchema[], needs: Needs): unknown {
  const { DatabaseSymbol, FunctionSymbol, Parameter, Tabularity } = kusto.Symbols;
  const known = new Map(calls.map((call) => [JSON.stringify([call.name, call.arguments]), call.columns]));
  const tables = schema.tables.map((table) => tableSymbol(table.name, table.columns));
  const functions = schema.functions.map(
    ({ name, parameters }) =>
      new FunctionSymbol.ctor(
        name,
        (call) => {
          const args = toArray(call.Arguments).map((argument): Value => {
            const value = argument.ConstantValue;
            return typeof value === "string" || typeof value === "boolean" ? value : null;
          });
          const columns = known.get(JSON.stringify([name, args]));
          if (!columns) needs.push({ name, arguments: args });
          return tableSymbol(name, columns ?? []);
        },
        Tabularity.Tabular,
        parameters.map(
          ({ name: parameter, type, optional }) =>
            new Parameter.$ctor3(parameter, SCALARS[type], 0, null, null, false, null, optional ? 0 : 1),
        ),
      ),
  );
  return kusto.GlobalState.Default.WithDatabase(new DatabaseSymbol.ctor("database", [...tables, ...functions]));
}

/** Complaints that one answer names; a garbled text has thousands. */
const DIAGNOSTICS_MAX = 5;

/** Levels of brackets that a query may have; the parser gives up analysing a little beyond. */
const NESTING_MAX = 200;

/** @throws KqlError for a text that would take the parser's stack. What stands in quotes may count; it rarely nests. */
function checkNesting(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? "";
    if ("([{".includes(letter)) depth++;
    else if (")]}".includes(letter)) depth = Math.max(0, depth - 1);
    if (depth > NESTING_MAX) throw new KqlError("QueryTooComplex", `the query nests deeper than ${NESTING_MAX}`, at);
  }
}

function severityOf(text: string): Diagnostic["severity"] {
  return text === "Error" || text === "Warning" ? text : "Other";
}

/** Parses, checks and lowers one query. Runs in the parser's thread. */
export function analyse(request: ParseRequest): ParseReply {
  const { id, text, schema, calls, waived, prologue } = request;
  try {
    const needs: Needs = [];
    checkNesting(text);
    const code = kusto.KustoCode.ParseAndAnalyze(text, globalsOf(schema, calls, needs));
    if (needs.length > 0) return { id, needs };
    const diagnostics = toArray(code.GetDiagnostics())
      .map(
        (each): Diagnostic => ({
          severity: severityOf(each.Severity),
          code: each.Code,
          message: each.Message,
          position: each.Start,
        }),
      )
      .filter((each) => each.severity === "Error" && !waived.includes(each.code));
    if (diagnostics.length > 0) return { id, diagnostics: diagnostics.slice(0, DIAGNOSTICS_MAX) };
    return {
      id,
      plan: lowerQuery(
        convert(code.Syntax),
        prologue,
        schema.tables.map((table) => table.name),
      ),
    };
  } catch (error) {
    if (error instanceof KqlError) {
      return { id, refused: { code: error.code, message: error.message, position: error.position } };
    }
    if (error instanceof RangeError) {
      const refused = { code: "QueryTooComplex" as const, message: "the query nests too deeply", position: 0 };
      return { id, refused };
    }
    return { id, failed: error instanceof Error ? error.message : String(error) };
  }
}
