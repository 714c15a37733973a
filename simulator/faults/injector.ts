import type { Context } from "../context";
import { operationOf } from "../control/counters";
import type { SimRequest } from "../http";
import type { ServiceName } from "../routing";
import { Random } from "../world/random";
import { matches } from "./match";
import type { Fault, FaultRule } from "./rules";

/** A rule with what it has met so far. */
interface ActiveRule {
  rule: FaultRule;
  /** Requests that it was about. */
  matched: number;
  /** Faults that it made. */
  injected: number;
}

/** The faults that are switched on. The first rule that wants a request gets it. */
class FaultInjector {
  private active: ActiveRule[] = [];

  constructor(private readonly seed: number) {}

  /** Puts these rules in place of those before; counts start again. */
  replace(rules: readonly FaultRule[]): void {
    this.active = rules.map((rule) => ({ rule, matched: 0, injected: 0 }));
  }

  add(rules: readonly FaultRule[]): void {
    this.active.push(...rules.map((rule) => ({ rule, matched: 0, injected: 0 })));
  }

  report(): readonly ActiveRule[] {
    return this.active;
  }

  /** The fault that this request meets, if any. */
  take(service: ServiceName, request: SimRequest): Fault | undefined {
    if (service === "control") return undefined;
    if (this.active.length === 0) return undefined;
    const operation = operationOf(service, request);
    for (const entry of this.active) {
      if (matches(entry.rule.match, service, request, operation) && this.isDue(entry)) return entry.rule.fault;
    }
    return undefined;
  }

  private isDue(entry: ActiveRule): boolean {
    const { name, skip, every, chance, times } = entry.rule;
    const number = entry.matched++;
    if (times !== undefined && entry.injected >= times) return false;
    if (number < skip || (number - skip) % every !== 0) return false;
    if (chance < 1 && !new Random(`${this.seed}/fault/${name}/${number}`).chance(chance)) return false;
    entry.injected++;
    return true;
  }
}

const injectors = new WeakMap<object, FaultInjector>();

/** The injector of this tenant; without rules until somebody gives it some. */
export function faultsOf(context: Context): FaultInjector {
  let found = injectors.get(context.model);
  if (!found) {
    found = new FaultInjector(context.settings.seed);
    injectors.set(context.model, found);
  }
  return found;
}
