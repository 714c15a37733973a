import { KqlError } from "../../errors";
import type { Column } from "../../types";
import { textOf } from "../../values/text";
import { type CallSite, type Compiled, constantValue } from "../compiled";
import { computed, type FunctionSpec } from "../function";

/** Columns that a search does not look at: they tell where a row comes from. */
const SKIPPED: ReadonlySet<string> = new Set(["$table"]);

function asText(column: Column, at: number): Compiled {
  return { type: "string", value: (row) => textOf(row[at] ?? null, column.type), constant: false };
}

/** Whether a comparison holds for any column of the row, each taken as text: `* has "x"`, and the terms of `search`. */
export function anyColumn(find: (name: string) => FunctionSpec | undefined): FunctionSpec {
  return {
    min: 2,
    max: 2,
    volatile: true,
    make: ([operator, right], site: CallSite) => {
      const name = constantValue(operator);
      const spec = typeof name === "string" ? find(name) : undefined;
      if (!spec || !right) throw new KqlError("NotSupported", `'*' with '${String(name)}' is not supported`, site.at);
      const tests = site.scope.columns.flatMap((column, at) =>
        SKIPPED.has(column.name) ? [] : [spec.make([asText(column, at), right], site).value],
      );
      return computed("bool", (row, index) => tests.some((test) => test(row, index) === true));
    },
  };
}
