import type { Expression } from "./plan";

/** Functions whose value depends on where a row stands among others, or on columns that the call does not name. */
const POSITIONAL: ReadonlySet<string> = new Set([
  "prev",
  "next",
  "row_number",
  "row_cumsum",
  "row_rank",
  "row_rank_dense",
  "row_rank_min",
  "row_window_session",
]);

/** Functions that read every column there is. */
const WHOLE_ROW: ReadonlySet<string> = new Set(["pack_all", "any column"]);

/** Functions that name a column by a literal. */
const BY_NAME: ReadonlySet<string> = new Set(["column_ifexists", "columnifexists"]);

/** What an expression reads of a row. */
export interface References {
  names: Set<string>;
  /** It may read any column. */
  all: boolean;
  /** Its value depends on other rows. */
  positional: boolean;
  /** It gives another value each time. */
  random: boolean;
}

function noReferences(): References {
  return { names: new Set(), all: false, positional: false, random: false };
}

/** Adds what `expression` reads to `found`. */
export function collectReferences(expression: Expression, found: References): void {
  if (expression.k === "column") found.names.add(expression.name);
  if (expression.k === "call") {
    const { fn, args } = expression;
    if (POSITIONAL.has(fn)) found.positional = true;
    if (WHOLE_ROW.has(fn)) found.all = true;
    if (fn === "rand" || fn === "new_guid") found.random = true;
    const [name] = args;
    if (BY_NAME.has(fn) && name?.k === "literal" && typeof name.value === "string") found.names.add(name.value);
    else if (BY_NAME.has(fn)) found.all = true;
    for (const argument of args) collectReferences(argument, found);
  }
  if ("of" in expression) collectReferences(expression.of, found);
  if (expression.k === "element") collectReferences(expression.by, found);
}

/** What several expressions read. */
export function referencesOf(expressions: readonly Expression[]): References {
  const found = noReferences();
  for (const expression of expressions) collectReferences(expression, found);
  return found;
}
