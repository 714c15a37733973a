import type { KqlType } from "../../types";
import { type Compiled, isNumeric, number } from "../compiled";
import { call1, call2, call3, type FunctionTable, type ResultType } from "../function";

/** Microseconds from the first day of year 1, where the service's bins begin, to 1970. */
const YEAR_ONE = 62_135_596_800_000_000n;

/** Rounds down to a multiple of `step`, counted from `origin`; negative values too. */
function binAt(value: number, step: number, origin: number): number | null {
  if (step <= 0 || !Number.isFinite(step)) return null;
  // A fraction of a microsecond, which is a tick, would be lost in a quotient.
  const whole = step >= 1 && Number.isInteger(step) ? Math.floor(value - origin) : value - origin;
  return Math.floor(whole / step) * step + origin;
}

/** Where bins of this width begin on the scale of the engine's dates. */
export function originOf(type: KqlType, step: number): number {
  if (type !== "datetime" || step < 1) return 0;
  const width = BigInt(Math.trunc(step));
  return Number((width - (YEAR_ONE % width)) % width);
}

const binType: ResultType = ([value, step]) => {
  if (value && !isNumeric(value.type)) return value.type === "dynamic" ? "real" : value.type;
  return step?.type === "real" || value?.type === "real" ? "real" : (value?.type ?? "long");
};

function binned(args: readonly Compiled[]) {
  const type = args[0]?.type ?? "long";
  return (value: number, step: number) => binAt(value, step, originOf(type, step));
}

const bin: FunctionTable[string] = {
  min: 2,
  max: 2,
  make: (args, site) => call2(binType, [number, number], binned(args)).make(args, site),
};

export const BINS: FunctionTable = {
  bin,
  floor: bin,
  bin_at: call3(binType, [number, number, number], binAt),
  ceiling: call1(
    ([value]) => (value?.type === "real" || value?.type === "decimal" ? "real" : (value?.type ?? "long")),
    number,
    (value) => Math.ceil(value) + 0,
  ),
  sign: call1("real", number, (value) => Math.sign(value) + 0),
};
