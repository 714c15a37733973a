import type { FunctionSpec, FunctionTable } from "../function";
import { ARITHMETIC } from "./arithmetic";
import { BINS } from "./bins";
import { COMPARISONS } from "./comparison";
import { CONDITIONS } from "./conditions";
import { CONVERSIONS } from "./convert";
import { DATES } from "./dates";
import { DIGESTS } from "./digests";
import { DYNAMICS } from "./dynamics";
import { MEMBERSHIP } from "./membership";
import { NETWORK } from "./network";
import { NUMBERS } from "./numbers";
import { ROWS } from "./rows";
import { STRINGS } from "./strings";
import { TEXT_OPERATORS } from "./text-operators";

const TABLES: readonly FunctionTable[] = [
  ARITHMETIC,
  BINS,
  COMPARISONS,
  CONDITIONS,
  CONVERSIONS,
  DATES,
  DIGESTS,
  DYNAMICS,
  MEMBERSHIP,
  NETWORK,
  NUMBERS,
  ROWS,
  STRINGS,
  TEXT_OPERATORS,
];

const FUNCTIONS: ReadonlyMap<string, FunctionSpec> = new Map(TABLES.flatMap((table) => Object.entries(table)));

/** The scalar function or operator of that name; undefined when the engine lacks it. */
export function findFunction(name: string): FunctionSpec | undefined {
  return FUNCTIONS.get(name);
}

/** Names of all functions and operators that the engine has. */
export function functionNames(): string[] {
  return [...FUNCTIONS.keys()];
}
