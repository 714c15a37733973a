import type { KqlErrorCode } from "../errors";
import type { Prologue } from "../plan/parameters";
import type { Plan } from "../plan/plan";
import type { Column, KqlType, Value } from "../types";
import type { Diagnostic } from "./syntax";

/** A tabular function as the parser must know it: its result depends on the arguments of each call. */
interface FunctionSchema {
  name: string;
  parameters: { name: string; type: KqlType; optional: boolean }[];
}

/** One call whose columns are known. */
export interface CallSchema {
  name: string;
  arguments: Value[];
  columns: readonly Column[];
}

export interface Schema {
  tables: { name: string; columns: readonly Column[] }[];
  functions: FunctionSchema[];
}

/** To the worker. */
export interface ParseRequest {
  id: number;
  text: string;
  schema: Schema;
  /** Answers to `needs` of an earlier reply. */
  calls: CallSchema[];
  /** What stands at the head of the text, and how long it is. */
  prologue: Omit<Prologue, "shape">;
  /** Codes of diagnostics to let pass. */
  waived: readonly string[];
}

/** From the worker: a plan, or calls whose columns it must know first, or what is wrong. */
export type ParseReply =
  | { id: number; plan: Plan }
  | { id: number; needs: { name: string; arguments: Value[] }[] }
  | { id: number; diagnostics: Diagnostic[] }
  | { id: number; refused: { code: KqlErrorCode; message: string; position: number | undefined } }
  | { id: number; failed: string };
