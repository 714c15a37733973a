import type { ListedFault, Made, Trouble } from "./fault-fleet";

/** Operations of a deployment that went well, with how often each was asked for. */
export type Operations = ReadonlyMap<string, number>;

/** As many as the tenant takes. */
const RULES_MAX = 1_000;

/** One fault at every operation: its first requests, then one in `every`. A change of delays or clock as it stands. */
export function oneFault(listed: ListedFault, operations: Operations, first: number, every: number): Trouble {
  const { fault, delays, clockSkew } = listed;
  const rules = fault
    ? [...operations.keys()].flatMap((operation) => {
        const rule = { name: listed.name, match: { operation }, fault };
        return [
          { ...rule, times: first },
          { ...rule, every },
        ];
      })
    : [];
  return { rules, ...(delays && { delays }), ...(clockSkew !== undefined && { clockSkew }) };
}

/**
 * All faults at once. An operation that every vault needs meets each of them once, one after the other, and again at one
 * request in `every`. One that all vaults share (asked for less than half as often as there are `vaults`) would stand still
 * for long, so it meets some: together all, and others in each of `SHARES` turns.
 */
export function allFaults(
  list: readonly ListedFault[],
  operations: Operations,
  vaults: number,
  every: number,
  turn = 0,
): Trouble {
  const faults = list.filter(({ fault }) => fault !== undefined);
  const rules = [...operations].flatMap(([operation, asked], index) => {
    const shared = asked < vaults / 2;
    return faults
      .filter((_, at) => !shared || at % SHARES === (index + turn) % SHARES)
      .map(({ fault, name }) => ({
        name,
        match: { operation },
        fault,
        // The first rule that is due takes a request, so these take one each, in turn.
        every: every * faults.length,
        ...(shared && { times: 1 }),
      }));
  });
  if (rules.length > RULES_MAX) throw new Error("More rules than the tenant takes.");
  return { rules };
}

/** Into so many parts the list is divided for operations that are shared. */
export const SHARES = 8;

/** What proved nothing: operations that were asked for and met no fault, and faults that befell no operation. */
export function neverMet(made: readonly Made[]): string[] {
  const unmet = (rules: readonly Made[], keyOf: (one: Made) => string): string[] => {
    const met = new Set(rules.filter(({ injected }) => injected > 0).map(keyOf));
    return [...new Set(rules.map(keyOf))].filter((key) => !met.has(key));
  };
  const asked = made.filter((one) => one.asked > 0);
  return [...unmet(asked, ({ operation }) => operation), ...unmet(made, ({ name }) => name)];
}
