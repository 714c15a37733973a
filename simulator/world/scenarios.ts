import type { GroupPlan } from "./groups";
import { Random } from "./random";

/** Where a vault's audit events go; `stopped` and `new` went, or will go, to the watched workspace. */
type Logging = "workspace" | "elsewhere" | "storage" | "none" | "new" | "stopped";

/**
 * How the register knows a vault's decoys: `live` with a planting row in the log, `old` planted before the log's
 * memory, `legacy` in the four columns of the earlier tool, `deleted` by a person since, or not at all.
 */
export type Register = "none" | "live" | "old" | "legacy" | "deleted";

/**
 * What reads every object of a vault, whatever it is: an application that loads all secrets at its start, the nightly
 * backup, an agent that copies all secrets elsewhere.
 */
export type BulkReader = "loader" | "backup" | "sync";

export interface Scenario {
  model: "rbac" | "policies";
  network: "public" | "firewall" | "private";
  logging: Logging;
  register: Register;
  bulkReader?: BulkReader;
}

type Short = readonly [
  model: Scenario["model"],
  logging: Logging,
  register: Register,
  network?: Scenario["network"],
  bulkReader?: BulkReader,
];

/** The vaults of the signed-in owner, chosen one by one: both models, every colour, and why. */
const OWNED: readonly (readonly Short[])[] = [
  [
    ["rbac", "workspace", "none"],
    ["policies", "workspace", "none"],
    ["rbac", "workspace", "live"],
    ["rbac", "none", "none"],
    ["rbac", "workspace", "none", "firewall"],
    ["policies", "workspace", "live"],
    ["policies", "workspace", "none"],
    ["rbac", "workspace", "legacy"],
    ["policies", "workspace", "deleted"],
    ["rbac", "elsewhere", "none"],
  ],
  [
    ["rbac", "workspace", "none"],
    ["policies", "workspace", "none"],
    ["policies", "workspace", "live"],
    ["policies", "none", "none"],
    ["rbac", "new", "live"],
    ["rbac", "workspace", "live"],
    ["policies", "storage", "none"],
    ["rbac", "workspace", "none", "public", "loader"],
    ["rbac", "stopped", "live"],
    ["rbac", "workspace", "live", "private"],
  ],
  [
    ["rbac", "workspace", "none"],
    ["policies", "workspace", "none"],
    ["rbac", "workspace", "live"],
    ["policies", "none", "none"],
    ["rbac", "workspace", "none"],
    ["policies", "workspace", "old"],
  ],
];

/** Of every 240 vaults: how many log and are registered in which way. The rest neither log nor are registered. */
const SHARES: readonly (readonly [Logging, Register, number])[] = [
  ["workspace", "live", 55],
  ["workspace", "deleted", 5],
  ["stopped", "live", 4],
  ["workspace", "legacy", 9],
  ["workspace", "old", 9],
  ["new", "live", 6],
  ["workspace", "none", 84],
  ["elsewhere", "none", 12],
  ["storage", "none", 10],
];
const SHARE_BASE = 240;

/** One scenario per vault, in the order of the groups. */
export function scenarios(seed: number, vaults: number, groups: GroupPlan[]): Scenario[] {
  const chosen: Scenario[] = [];
  for (const group of groups.slice(0, OWNED.length)) {
    for (const short of (OWNED[group.index] ?? []).slice(0, group.size)) {
      const [model, logging, register, network = "public", bulkReader] = short;
      chosen.push({ model, logging, register, network, ...(bulkReader && { bulkReader }) });
    }
  }
  const random = new Random(`${seed}/scenarios`);
  const drawn = random.shuffle(restOf(vaults, chosen));
  const subscriptionOf = groups.flatMap((group) => Array.from({ length: group.size }, () => group.subscriptionIndex));
  const rest = drawn.map(([logging, register], place): Scenario => {
    const dice = random.next();
    const listable = (register === "old" || register === "legacy") && subscriptionOf[chosen.length + place] === 0;
    return {
      // Where the collecting identity could list a vault, such a decoy would be found and the case be gone.
      model: !random.chance(0.6) || listable ? "policies" : "rbac",
      network: dice < 0.1 ? "firewall" : dice < 0.16 ? "private" : "public",
      logging,
      register,
    };
  });
  return [...chosen, ...withBulkReaders(new Random(`${seed}/readers`), rest)];
}

/**
 * An estate in which nothing stands in the way of a planter, to measure how fast one is: every vault logs to the watched
 * workspace, can be reached, holds no decoy and is read by no machine as a whole. All vaults of a group work with roles,
 * or all with access policies, in the same shares as elsewhere.
 */
export function openScenarios(seed: number, groups: GroupPlan[]): Scenario[] {
  const random = new Random(`${seed}/open`);
  return groups.flatMap(({ size }) => {
    const model: Scenario["model"] = random.chance(0.6) ? "rbac" : "policies";
    const scenario: Scenario = { model, network: "public", logging: "workspace", register: "none" };
    return Array.from({ length: size }, () => scenario);
  });
}

/**
 * Gives some vaults a reader of everything. Those with a decoy in the register are few, on purpose: there, and nowhere
 * else in the world as it starts, everyday traffic touches decoys. About one in twenty-five has each kind of reader, so
 * that every world of a few dozen vaults holds all three.
 */
function withBulkReaders(random: Random, list: Scenario[]): Scenario[] {
  const places = (register: Register) =>
    random.shuffle(
      list.flatMap((one, place) =>
        one.register === register && one.logging === "workspace" && one.network === "public" ? [place] : [],
      ),
    );
  const readers = new Map<number, BulkReader>();
  const give = (from: number[], reader: BulkReader, count: number) => {
    for (const place of from.splice(0, count)) readers.set(place, reader);
  };
  const few = (eligible: number, share: number, most: number) =>
    Math.min(most, Math.max(1, Math.round(eligible * share)));
  const decoyed = places("live");
  const each = few(decoyed.length, 0.04, 8);
  for (const reader of ["loader", "backup", "sync"] as const) give(decoyed, reader, each);
  const others = places("none");
  const nightly = few(others.length, 0.05, 12);
  const loaders = few(others.length, 0.2, 80);
  give(others, "backup", nightly);
  give(others, "sync", nightly);
  give(others, "loader", loaders);
  return list.map((one, place) => {
    const bulkReader = readers.get(place);
    return bulkReader ? { ...one, bulkReader } : one;
  });
}

function restOf(vaults: number, chosen: Scenario[]): [Logging, Register][] {
  const total = vaults - chosen.length;
  const rest: [Logging, Register][] = [];
  for (const [logging, register, share] of SHARES) {
    const taken = chosen.filter((one) => one.logging === logging && one.register === register).length;
    const wanted = Math.max(0, Math.round((share * vaults) / SHARE_BASE) - taken);
    for (let i = 0; i < wanted && rest.length < total; i++) rest.push([logging, register]);
  }
  while (rest.length < total) rest.push(["none", "none"]);
  return rest;
}
