import { KqlError } from "../../errors";
import { exactLong } from "../../values/parse";
import { number } from "../compiled";
import { call1, call2, call3, type FunctionSpec, type FunctionTable } from "../function";

function real(apply: (value: number) => number): FunctionSpec {
  return call1("real", number, (value) => {
    const result = apply(value);
    return Number.isNaN(result) && !Number.isNaN(value) ? null : result;
  });
}

/** Bits of two whole numbers; computed in 64 bits, where a double would drop the upper ones. */
function bits(apply: (left: bigint, right: bigint) => bigint): FunctionSpec {
  return call2("long", [number, number], (left, right) => {
    if (!Number.isInteger(left) || !Number.isInteger(right)) return null;
    return exactLong(Number(BigInt.asIntN(64, apply(BigInt(left), BigInt(right)))));
  });
}

/** Logarithm of the gamma function, by Lanczos' series. */
function loggamma(value: number): number {
  const terms = [
    76.18009172947146, -86.50532032941678, 24.01409824083091, -1.231739572450155, 0.1208650973866179e-2,
    -0.5395239384953e-5,
  ];
  const base = value + 5.5;
  const sum = terms.reduce((all, term, at) => all + term / (value + at + 1), 1.000000000190015);
  return (value + 0.5) * Math.log(base) - base + Math.log((2.5066282746310007 * sum) / value);
}

export const MATHEMATICS: FunctionTable = {
  sin: real(Math.sin),
  cos: real(Math.cos),
  tan: real(Math.tan),
  cot: real((value) => 1 / Math.tan(value)),
  asin: real(Math.asin),
  acos: real(Math.acos),
  atan: real(Math.atan),
  atan2: call2("real", [number, number], Math.atan2),
  degrees: real((value) => (value * 180) / Math.PI),
  radians: real((value) => (value * Math.PI) / 180),
  loggamma: real(loggamma),
  gamma: real((value) => Math.exp(loggamma(value))),
  binary_and: bits((left, right) => left & right),
  binary_or: bits((left, right) => left | right),
  binary_xor: bits((left, right) => left ^ right),
  binary_shift_left: bits((left, right) => left << (((right % 64n) + 64n) % 64n)),
  binary_shift_right: bits((left, right) => left >> (((right % 64n) + 64n) % 64n)),
  binary_not: call1("long", number, (value) => exactLong(-Math.trunc(value) - 1)),
  bitset_count_ones: call1("long", number, (value) => {
    if (!Number.isInteger(value)) throw new KqlError("EvaluationFailed", "bitset_count_ones() needs a whole number");
    return [...BigInt.asUintN(64, BigInt(value)).toString(2)].filter((bit) => bit === "1").length;
  }),
  around: call3("bool", [number, number, number], (value, center, delta) => Math.abs(value - center) <= delta),
};
