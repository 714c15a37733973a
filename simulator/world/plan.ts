import type { AuditTable } from "../loganalytics/row-shape";
import { type GroupPlan, groupPlans } from "./groups";
import { decoyName, drawGrammar, type Grammar, type NamePlace, type ObjectCounts, objectNames } from "./names";
import { Random } from "./random";
import { openScenarios, type Register, type Scenario, scenarios } from "./scenarios";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface DecoyPlan {
  kind: "secret" | "key";
  name: string;
  plantedAt: number;
}

/** The diagnostic setting that sends this vault's audit events to the watched workspace, or did. */
interface LoggingPlan {
  table: AuditTable;
  /** A second setting of the other kind, which fills the other table with the same rows. */
  alsoTable?: AuditTable;
  createdAt: number;
  effectiveAt: number;
  /** Set when the setting was removed before the first start. */
  endedAt?: number;
}

/** One vault as the world makes it; later changes live in the documents only. */
export interface VaultPlan extends Scenario {
  index: number;
  /** ARM id. */
  id: string;
  name: string;
  group: GroupPlan;
  createdAt: number;
  /** Days that a deleted object can be recovered. */
  retentionDays: number;
  grammar: Grammar;
  counts: Readonly<ObjectCounts>;
  /** Real objects, in the order of creation. Names are made when somebody asks for them: most vaults nobody looks into. */
  readonly secrets: readonly string[];
  readonly keys: readonly string[];
  /** Each shows as a managed key and a managed secret of the same name. */
  readonly certificates: readonly string[];
  /** Real secrets that were deleted and can still be recovered. */
  readonly deleted: readonly string[];
  decoys: DecoyPlan[];
  workspaceLogging?: LoggingPlan;
}

export interface WorldPlan {
  groups: GroupPlan[];
  vaults: VaultPlan[];
}

/**
 * Lays out the estate: which vaults there are, who owns them, how they log and which of them hold decoys. Names depend
 * on seed and size only; times are counted back from `firstStart`, milliseconds.
 */
export function planWorld(options: {
  seed: number;
  vaults: number;
  firstStart: number;
  subscriptions: string[];
  openEstate?: boolean;
  bare?: boolean;
}): WorldPlan {
  const { seed, firstStart, openEstate = false, bare = false } = options;
  const groups = groupPlans(options);
  const cases = openEstate ? openScenarios(seed, groups) : scenarios(seed, options.vaults, groups);
  const vaults: VaultPlan[] = [];
  for (const group of groups) {
    for (let place = 0; place < group.size; place++) {
      const index = vaults.length;
      const drawn = cases[index];
      if (!drawn) throw new Error(`No scenario for vault ${index}.`);
      const scenario = bare ? { ...drawn, register: "none" as const } : drawn;
      vaults.push(planVault(new Random(`${seed}/vault/${index}`), { seed, index, place, group, scenario, firstStart }));
    }
  }
  return { groups, vaults };
}

function planVault(
  random: Random,
  place: { seed: number; index: number; place: number; group: GroupPlan; scenario: Scenario; firstStart: number },
): VaultPlan {
  const { seed, index, group, scenario, firstStart } = place;
  const name = group.vaultName(place.place);
  const grammar = drawGrammar(random, new Random(`${seed}/house/${group.team}`));
  const naming = { grammar, team: group.team, environment: group.environment };
  const counts = drawCounts(random);
  let names: ReturnType<typeof objectNames> | undefined;
  const named = () => {
    names ??= objectNames(new Random(`${seed}/names/${index}`), naming, counts);
    return names;
  };
  const plan: VaultPlan = {
    ...scenario,
    index,
    id: `${group.id}/providers/Microsoft.KeyVault/vaults/${name}`,
    name,
    group,
    createdAt: firstStart - random.int(120, 1500) * DAY - random.int(0, 86_399) * 1000,
    retentionDays: random.chance(0.8) ? 90 : 30,
    grammar,
    counts,
    get secrets() {
      return named().secrets;
    },
    get keys() {
      return named().keys;
    },
    get certificates() {
      return named().certificates;
    },
    get deleted() {
      return named().deleted;
    },
    decoys: [],
  };
  const logging = planLogging(random, plan, firstStart);
  if (logging) plan.workspaceLogging = logging;
  if (scenario.register !== "none") plan.decoys = planDecoys(random, plan, naming, firstStart);
  return plan;
}

function drawCounts(random: Random): ObjectCounts {
  const secrets = random.int(4, 20);
  const deleted = random.chance(0.15) && secrets > 5 ? random.int(1, 2) : 0;
  const keys = random.int(0, 4);
  return { secrets: secrets - deleted, deleted, keys, certificates: random.chance(0.3) ? random.int(1, 3) : 0 };
}

function planLogging(random: Random, plan: VaultPlan, firstStart: number): LoggingPlan | undefined {
  const first = random.chance(0.5);
  const table: AuditTable = first ? "AzureDiagnostics" : "AZKVAuditLogs";
  switch (plan.logging) {
    case "workspace":
    case "stopped": {
      const createdAt = firstStart - random.int(70, 110) * DAY;
      const ended = plan.logging === "stopped" ? { endedAt: firstStart - random.int(20, 90) * HOUR } : {};
      // Now and then somebody added the newer kind of setting and never took the older one away.
      const also: AuditTable = first ? "AZKVAuditLogs" : "AzureDiagnostics";
      const both = random.chance(0.08) && mayHaveBoth(plan);
      return { table, ...(both && { alsoTable: also }), createdAt, effectiveAt: createdAt + 20 * MINUTE, ...ended };
    }
    case "new":
      // Azure may take 90 minutes from a new setting to the first row; this one is still on its way.
      return { table, createdAt: firstStart - 12 * MINUTE, effectiveAt: firstStart + 70 * MINUTE };
    default:
      return undefined;
  }
}

/** Not the owner's vaults, whose cases are chosen one by one, and none whose decoy's end must show once. */
function mayHaveBoth({ logging, register, group }: VaultPlan): boolean {
  return logging === "workspace" && register !== "deleted" && group.ownerRights === "none";
}

function readsSecrets(reader: VaultPlan["bulkReader"]): boolean {
  return reader === "loader" || reader === "sync";
}

function planDecoys(random: Random, plan: VaultPlan, naming: NamePlace, firstStart: number): DecoyPlan[] {
  const taken = new Set<string>();
  const count = plan.register === "live" && random.chance(0.15) ? 2 : 1;
  return Array.from({ length: count }, (_, place) => {
    // Where a machine reads all secrets, the decoy is one of them.
    const kind = random.chance(0.75) || readsSecrets(plan.bulkReader) ? "secret" : "key";
    const name = decoyName(random, kind, naming, taken);
    taken.add(name.toLowerCase());
    return { kind, name, plantedAt: plantedAt(random, plan, firstStart) + place * 40_000 };
  });
}

/** When a decoy was written; long ago where no row of it can be in the log any more. */
function plantedAt(random: Random, { register, logging }: { register: Register; logging: string }, firstStart: number) {
  const second = random.int(0, 86_399) * 1000;
  if (logging === "new") return firstStart - 8 * MINUTE;
  switch (register) {
    case "old":
      return firstStart - random.int(120, 300) * DAY - second;
    case "legacy":
      return firstStart - random.int(420, 900) * DAY - second;
    default:
      return firstStart - random.int(6, 25) * DAY - second;
  }
}
