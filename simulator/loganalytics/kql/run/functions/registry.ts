import type { FunctionSpec, FunctionTable } from "../function";
import { ADDRESSES } from "./addresses";
import { anyColumn } from "./any-column";
import { ARITHMETIC } from "./arithmetic";
import { ARRAYS } from "./arrays";
import { BINS } from "./bins";
import { COMPARISONS } from "./comparison";
import { CONDITIONS } from "./conditions";
import { CONVERSIONS } from "./convert";
import { DATES } from "./dates";
import { DIGESTS } from "./digests";
import { DYNAMICS } from "./dynamics";
import { MATHEMATICS } from "./mathematics";
import { MEMBERSHIP } from "./membership";
import { NETWORK } from "./network";
import { NUMBERS } from "./numbers";
import { ROWS } from "./rows";
import { SERIES } from "./series";
import { STRINGS } from "./strings";
import { TEXT_OPERATORS } from "./text-operators";
import { TEXTS } from "./texts";
import { USER_AGENTS } from "./user-agent";

const TABLES: readonly FunctionTable[] = [
  ADDRESSES,
  ARITHMETIC,
  ARRAYS,
  BINS,
  COMPARISONS,
  CONDITIONS,
  CONVERSIONS,
  DATES,
  DIGESTS,
  DYNAMICS,
  MATHEMATICS,
  MEMBERSHIP,
  NETWORK,
  NUMBERS,
  ROWS,
  SERIES,
  STRINGS,
  TEXT_OPERATORS,
  TEXTS,
  USER_AGENTS,
];

const FUNCTIONS: ReadonlyMap<string, FunctionSpec> = new Map([
  ...TABLES.flatMap((table) => Object.entries(table)),
  // No function of the language has a blank in its name.
  ["any column", anyColumn(findFunction)],
]);

/** The scalar function or operator of that name; undefined when the engine lacks it. */
export function findFunction(name: string): FunctionSpec | undefined {
  return FUNCTIONS.get(name);
}

/** Names of all functions and operators that the engine has. */
export function functionNames(): string[] {
  return [...FUNCTIONS.keys()];
}
