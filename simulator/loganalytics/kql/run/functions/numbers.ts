import { KqlError } from "../../errors";
import { constantValue, isNumeric, number, otherwise } from "../compiled";
import { call0, call1, call2, computed, type FunctionSpec, type FunctionTable, type ResultType } from "../function";

function real(apply: (value: number) => number): FunctionSpec {
  return call1("real", number, (value) => {
    const result = apply(value);
    return Number.isNaN(result) && !Number.isNaN(value) ? null : result;
  });
}

const kept: ResultType = ([value]) => (value && isNumeric(value.type) ? value.type : "real");

/** Rounds half away from zero. */
function round(value: number, digits: number): number {
  const scale = 10 ** Math.trunc(digits);
  const scaled = Math.abs(value) * scale;
  if (!Number.isFinite(scaled)) return value;
  // The smallest correction that undoes 1.005 * 100 = 100.49999.
  return (Math.sign(value) * Math.round(scaled + scaled * Number.EPSILON)) / scale + 0;
}

/** Random numbers would make answers that no test can hold, so only a seeded sequence is offered. */
const rand: FunctionSpec = {
  min: 0,
  max: 1,
  volatile: true,
  make: ([bound], site) => {
    const limit = constantValue(bound);
    const next = site.scope.execution.random;
    if (typeof limit === "number" && limit > 1) return computed("long", () => Math.floor(next() * limit));
    if (bound && typeof limit !== "number") {
      throw new KqlError("NotSupported", "rand() with a bound that is not constant is not supported", site.at);
    }
    return computed("real", () => next());
  },
};

export const NUMBERS: FunctionTable = {
  round: call2(kept, [number, otherwise(number, 0)], round, 1),
  sqrt: real(Math.sqrt),
  exp: real(Math.exp),
  exp2: real((value) => 2 ** value),
  exp10: real((value) => 10 ** value),
  log: real(Math.log),
  log2: real(Math.log2),
  log10: real(Math.log10),
  pow: call2("real", [number, number], (base, exponent) => base ** exponent),
  pi: call0("real", () => Math.PI),
  isnan: call1("bool", number, Number.isNaN),
  isinf: call1("bool", number, (value) => Math.abs(value) === Number.POSITIVE_INFINITY),
  isfinite: call1("bool", number, Number.isFinite),
  rand,
};
