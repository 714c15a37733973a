import type { KqlType, Value } from "../types";
import { type CallSite, type Compiled, type Evaluate, type Reader, raw } from "./compiled";

/** How a function of the language is made: from compiled arguments to a compiled result. */
export interface FunctionSpec {
  readonly min: number;
  readonly max: number;
  /** Depends on more than its arguments (the row's place, other columns): never folded into a constant. */
  readonly volatile?: boolean;
  /** The service computes it in a way that is not published in full: answers may differ from its own. */
  readonly approximate?: boolean;
  readonly make: (args: readonly Compiled[], site: CallSite) => Compiled;
}

export type FunctionTable = Readonly<Record<string, FunctionSpec>>;

export type ResultType = KqlType | ((args: readonly Compiled[]) => KqlType);

function typeOf(result: ResultType, args: readonly Compiled[]): KqlType {
  return typeof result === "function" ? result(args) : result;
}

/** The type of the first argument. */
export const sameAsFirst: ResultType = ([first]) => first?.type ?? "dynamic";

/** A result that is computed from values; `constant` is settled by the caller, which knows the arguments. */
export function computed(type: KqlType, value: Evaluate): Compiled {
  return { type, value, constant: false };
}

/** A function without arguments whose value is fixed for the query. */
export function call0(result: KqlType, give: (site: CallSite) => Value): FunctionSpec {
  return {
    min: 0,
    max: 0,
    make: (_, site) => {
      const value = give(site);
      return computed(result, () => value);
    },
  };
}

/** What stands for nothing: text is never null. */
function nothingOf(type: KqlType): Value {
  return type === "string" ? "" : null;
}

/** A function of one argument; null in, null out. */
export function call1<A>(result: ResultType, read: Reader<A>, apply: (a: A) => Value): FunctionSpec {
  return {
    min: 1,
    max: 1,
    make: (args) => {
      const a = read(args[0]);
      const type = typeOf(result, args);
      const nothing = nothingOf(type);
      return computed(type, (row, index) => {
        const first = a(row, index);
        return first === null ? nothing : (apply(first) ?? nothing);
      });
    },
  };
}

/** A function of two arguments, the second perhaps optional; null in, null out. */
export function call2<A, B>(
  result: ResultType,
  reads: [Reader<A>, Reader<B>],
  apply: (a: A, b: B) => Value,
  min = 2,
): FunctionSpec {
  return {
    min,
    max: 2,
    make: (args) => {
      const a = reads[0](args[0]);
      const b = reads[1](args[1]);
      const type = typeOf(result, args);
      const nothing = nothingOf(type);
      return computed(type, (row, index) => {
        const first = a(row, index);
        const second = b(row, index);
        return first === null || second === null ? nothing : (apply(first, second) ?? nothing);
      });
    },
  };
}

/** A function of three arguments, the last perhaps optional; null in, null out. */
export function call3<A, B, C>(
  result: ResultType,
  reads: [Reader<A>, Reader<B>, Reader<C>],
  apply: (a: A, b: B, c: C) => Value,
  min = 3,
): FunctionSpec {
  return {
    min,
    max: 3,
    make: (args) => {
      const a = reads[0](args[0]);
      const b = reads[1](args[1]);
      const c = reads[2](args[2]);
      const type = typeOf(result, args);
      const nothing = nothingOf(type);
      return computed(type, (row, index) => {
        const first = a(row, index);
        const second = b(row, index);
        const third = c(row, index);
        if (first === null || second === null || third === null) return nothing;
        return apply(first, second, third) ?? nothing;
      });
    },
  };
}

/** A function of any number of arguments, nulls handed on. */
export function callAll(
  result: ResultType,
  read: Reader<Value>,
  apply: (values: Value[]) => Value,
  min = 1,
  max = 64,
): FunctionSpec {
  return {
    min,
    max,
    make: (args) => {
      const reads = args.map((argument) => (read === raw ? argument.value : read(argument)));
      return computed(typeOf(result, args), (row, index) => apply(reads.map((each) => each(row, index))));
    },
  };
}
