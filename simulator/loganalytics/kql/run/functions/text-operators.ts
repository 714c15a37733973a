import { regex } from "../../values/regex";
import { hasTerm } from "../../values/term";
import { constantValue, text } from "../compiled";
import { computed, type FunctionSpec, type FunctionTable } from "../function";

type Test = (text: string, needle: string) => boolean;

/** An operator on two texts; a constant needle is folded once. */
function textTest(test: Test, wanted: boolean, ignoreCase: boolean): FunctionSpec {
  return {
    min: 2,
    max: 2,
    make: ([left, right]) => {
      const haystack = text(left);
      const needle = text(right);
      const fixed = right?.constant ? (needle([], 0) ?? "") : undefined;
      if (!ignoreCase) {
        return computed(
          "bool",
          (row, index) => test(haystack(row, index) ?? "", fixed ?? needle(row, index) ?? "") === wanted,
        );
      }
      const folded = fixed?.toLowerCase();
      return computed("bool", (row, index) => {
        const sought = folded ?? (needle(row, index) ?? "").toLowerCase();
        return test((haystack(row, index) ?? "").toLowerCase(), sought) === wanted;
      });
    },
  };
}

const TESTS: Record<string, Test> = {
  has: (haystack, needle) => hasTerm(haystack, needle),
  hasprefix: (haystack, needle) => hasTerm(haystack, needle, "start"),
  hassuffix: (haystack, needle) => hasTerm(haystack, needle, "end"),
  contains: (haystack, needle) => haystack.includes(needle),
  startswith: (haystack, needle) => haystack.startsWith(needle),
  endswith: (haystack, needle) => haystack.endsWith(needle),
};

const matchesRegex: FunctionSpec = {
  min: 2,
  max: 2,
  make: ([left, right]) => {
    const haystack = text(left);
    const pattern = text(right);
    const fixed = constantValue(right);
    const compiled = typeof fixed === "string" ? regex(fixed) : undefined;
    return computed("bool", (row, index) =>
      (compiled ?? regex(pattern(row, index) ?? "")).test(haystack(row, index) ?? ""),
    );
  },
};

/** The four forms of each: plain ones ignore case, `_cs` ones do not, `!` negates. */
function allForms(): Record<string, FunctionSpec> {
  const forms: Record<string, FunctionSpec> = {};
  for (const [name, test] of Object.entries(TESTS)) {
    forms[name] = textTest(test, true, true);
    forms[`!${name}`] = textTest(test, false, true);
    forms[`${name}_cs`] = textTest(test, true, false);
    forms[`!${name}_cs`] = textTest(test, false, false);
  }
  return forms;
}

export const TEXT_OPERATORS: FunctionTable = {
  ...allForms(),
  "=~": textTest((left, right) => left === right, true, true),
  "!~": textTest((left, right) => left === right, false, true),
  "matches regex": matchesRegex,
};
