import type { Context, Delays } from "../context";
import { AzureError, type Router, type SimRequest, type SimResponse } from "../http";
import { FAULT_LIST } from "./catalogue";
import { faultsOf } from "./injector";
import { FaultRuleError, type FaultSet, parseDelays, parseFaults } from "./rules";

interface FaultCall {
  request: SimRequest;
  context: Context;
}

/** Control routes: the faults that are switched on, and the delays of the tenant. */
export function routeFaults<C extends FaultCall>(router: Router<C>): void {
  router
    .on("GET", "/sim/faults", ({ context }) => ({ status: 200, body: report(context) }))
    .on("GET", "/sim/faults/list", () => ({ status: 200, body: { faults: FAULT_LIST } }))
    .on("PUT", "/sim/faults", ({ context, request }) => {
      replaceFaults(
        context,
        read(() => parseFaults(request.json())),
      );
      return { status: 200, body: report(context) };
    })
    .on("POST", "/sim/faults", ({ context, request }) => {
      const set = read(() => parseFaults(request.json()));
      faultsOf(context).add(set.rules);
      applySettings(context, set);
      return { status: 200, body: report(context) };
    })
    .on("DELETE", "/sim/faults", ({ context }) => {
      faultsOf(context).replace([]);
      return { status: 204 };
    })
    .on("PATCH", "/sim/delays", ({ context, request }) => {
      applySettings(context, { delays: read(() => parseDelays(request.json())) });
      return { status: 200, body: context.settings.delays };
    });
}

/** Puts a set of faults in place of the one before; delays and skew that it does not name stay as they are. */
export function replaceFaults(context: Context, set: FaultSet): void {
  faultsOf(context).replace(set.rules);
  applySettings(context, set);
}

function applySettings(context: Context, { delays = {}, clockSkew }: Pick<FaultSet, "delays" | "clockSkew">): void {
  const wanted: Delays = { ...context.settings.delays, ...withoutGaps(delays) };
  if (wanted.ingestionMax < wanted.ingestionMin)
    throw new AzureError(400, "BadRequest", "delays.ingestionMax is below delays.ingestionMin.");
  Object.assign(context.settings.delays, wanted);
  if (clockSkew !== undefined) context.settings.clockSkew = clockSkew;
}

function withoutGaps(delays: NonNullable<FaultSet["delays"]>): Partial<Delays> {
  return Object.fromEntries(Object.entries(delays).filter(([, value]) => value !== undefined));
}

function report(context: Context): SimResponse["body"] {
  return {
    rules: faultsOf(context)
      .report()
      .map(({ rule, matched, injected }) => ({ ...rule, matched, injected })),
    delays: context.settings.delays,
    clockSkew: context.settings.clockSkew ?? 0,
  };
}

function read<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof FaultRuleError) throw new AzureError(400, "BadRequest", error.message);
    throw error;
  }
}
