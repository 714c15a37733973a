import type { Step } from "../../plan/plan";
import type { Column } from "../../types";
import { gathering, type PreparedStep } from "../prepared";
import { ownedRelation, relationOf } from "../relation";

/** The number of rows; the rows themselves are not looked at. */
export function count(step: Extract<Step, { op: "count" }>): PreparedStep {
  const columns: Column[] = [{ name: step.name, type: "long" }];
  return gathering(columns, () => {
    let counted = 0;
    return {
      add: (input) => {
        counted += input.length;
        return true;
      },
      finish: () => ownedRelation(columns, [[counted]]),
    };
  });
}

const DATA_TYPES: Record<Column["type"], string> = {
  string: "System.String",
  long: "System.Int64",
  int: "System.Int32",
  real: "System.Double",
  decimal: "System.Data.SqlTypes.SqlDecimal",
  bool: "System.SByte",
  datetime: "System.DateTime",
  timespan: "System.TimeSpan",
  guid: "System.Guid",
  dynamic: "System.Object",
};

/** The columns themselves as rows. */
export function getSchema(input: readonly Column[]): PreparedStep {
  const columns: Column[] = [
    { name: "ColumnName", type: "string" },
    { name: "ColumnOrdinal", type: "long" },
    { name: "DataType", type: "string" },
    { name: "ColumnType", type: "string" },
  ];
  const rows = input.map((column, at) => [column.name, at, DATA_TYPES[column.type], column.type]);
  return { columns, run: () => relationOf(columns, rows) };
}
