import { ARM_BUCKETS, type BucketSize } from "@/lib/azure/arm-limits.pure";
import type { DecoyKind } from "./plan.pure";
import type { GrantWay, Operation } from "./views.pure";

/** One vault of a plan, as far as Azure's limits care. */
export interface PlannedPlace {
  /** ARM id, lower case. */
  vaultId: string;
  decoys: number;
  /** Left out: a secret. */
  kind?: DecoyKind | null;
  grant: GrantWay;
}

/** Milliseconds that Azure takes however fast we are: until a watchlist change shows, until a role works. */
export interface Lags {
  watchlistLag: number;
  grantLag: number;
}

/** One kind of call or wait that nobody can avoid, and the seconds that it takes at least, taken alone. */
export interface Limit {
  what: string;
  /** Calls of this kind over the whole plan; 0 for a wait. */
  calls: number;
  seconds: number;
  source: string;
}

export interface LeastTime {
  groupAssignments: number;
  /** Less than the sum of `limits`: what one vault waits for, another one uses. */
  secondsAtLeast: number;
  limits: Limit[];
}

/** Creations in the vaults of one subscription in any 10 seconds: five times a vault's 300 secrets, or 20 software keys. */
const CREATIONS: Readonly<Record<DecoyKind, number>> = { secret: 1_500, key: 100 };
/** The same for deletions, which count as any other call: five times a vault's 4,000. */
const DELETIONS = 20_000;
const WINDOW_SECONDS = 10;
/** Bytes that one upload to the watchlist holds, and of a row beside the vault's id, which is in it twice. */
const UPLOAD_BYTES = 3_800_000;
const ROW_BYTES = 150;

const SOURCES = {
  arm: "Microsoft Learn, Understand how Azure Resource Manager throttles requests",
  vault: "Microsoft Learn, Azure Key Vault service limits",
  sentinel: "Microsoft Learn, Microsoft Sentinel service limits",
  watchlist: "Microsoft Learn, Watchlists in Microsoft Sentinel",
  roles: "Microsoft Learn, Troubleshoot Azure RBAC",
} as const;

/** What is to be done in one subscription in calls, and what it takes at least in seconds. */
interface Share {
  groupRoles: number;
  roles: number;
  policies: number;
  writes: number;
  giving: number;
  writing: number;
  taking: number;
  least: number;
}

/**
 * The least time in which any correct planter could carry a plan out, from Azure's documented limits alone. Counts only
 * what cannot be avoided: one write a honeytoken; an entry added and removed per vault with access policies; one role per
 * group or vault, given and taken; the uploads that the register's rows need, or a write for each row that changes; the
 * time until the workspace shows them and until a role works. Vaults do not wait for each other: while one right spreads,
 * the next is given. Subscriptions have buckets of their own and run side by side, so the slowest decides.
 */
export function leastTime(operation: Operation, lags: Lags, places: readonly PlannedPlace[]): LeastTime {
  const register = registerWrites(operation, places);
  const registering = secondsFor(register.uploads + register.rows, ARM_BUCKETS.writes);
  const watching = places.length === 0 ? 0 : registering + lags.watchlistLag / 1_000;
  const spread = lags.grantLag / 1_000;
  const shares = bySubscription(places).map((vaults) => shareOf(operation, { watching, spread }, vaults));
  const sum = (of: (share: Share) => number) => shares.reduce((total, share) => total + of(share), 0);
  const most = (of: (share: Share) => number) => Math.max(0, ...shares.map(of));
  const given = sum(({ roles, policies }) => roles + policies);
  const limits: Limit[] = [
    {
      what: "Register rows: new ones as uploads of 3.8 MB, changed ones by a write each; 200 at once, then 10 a second",
      calls: register.uploads + register.rows,
      seconds: registering,
      source: SOURCES.sentinel,
    },
    {
      what: "Giving roles and access policies: 200 writes at once, then 10 a second in each subscription",
      calls: given,
      seconds: most(({ giving }) => giving),
      source: SOURCES.arm,
    },
    {
      what: "Until the workspace shows the register",
      calls: 0,
      seconds: watching - registering,
      source: SOURCES.watchlist,
    },
    {
      what: "Until a new role works, at the same time",
      calls: 0,
      seconds: most(({ roles }) => (roles > 0 ? spread : 0)),
      source: SOURCES.roles,
    },
    {
      what: WRITING[operation],
      calls: sum(({ writes }) => writes),
      seconds: most(({ writing }) => writing),
      source: SOURCES.vault,
    },
    {
      what: "Taking roles (deletes) and access policies (writes) back: 200 at once, then 10 a second in each subscription",
      calls: given,
      seconds: most(({ taking }) => taking),
      source: SOURCES.arm,
    },
  ];
  return {
    groupAssignments: sum(({ groupRoles }) => groupRoles),
    secondsAtLeast: Math.ceil(most(({ least }) => least)),
    limits: limits.map((limit) => ({ ...limit, seconds: Math.ceil(limit.seconds) })),
  };
}

const WRITING: Readonly<Record<Operation, string>> = {
  plant: "Writing: 1,500 secrets or 100 keys in 10 seconds in each subscription",
  retire: "Deleting: 20,000 in 10 seconds in each subscription",
  replace: "Writing 1,500 secrets or 100 keys, and deleting, in 10 seconds in each subscription",
  renew: "Writing: 1,500 secrets or 100 keys in 10 seconds in each subscription",
};

function shareOf(
  operation: Operation,
  { watching, spread }: { watching: number; spread: number },
  vaults: readonly PlannedPlace[],
): Share {
  const by = (way: GrantWay) => vaults.filter(({ grant }) => grant === way);
  const groupRoles = new Set(by("group_role").map(({ vaultId }) => groupOf(vaultId))).size;
  const roles = groupRoles + by("vault_role").length;
  const policies = by("policy").length;
  const decoysOf = (kind: DecoyKind) => countDecoys(vaults.filter((vault) => (vault.kind ?? "secret") === kind));
  const created = operation === "retire" ? 0 : countDecoys(vaults);
  const deleted = operation === "retire" || operation === "replace" ? countDecoys(vaults) : 0;
  const writing = Math.max(
    windowsFor(created && decoysOf("secret"), CREATIONS.secret),
    windowsFor(created && decoysOf("key"), CREATIONS.key),
    windowsFor(deleted, DELETIONS),
  );
  const giving = secondsFor(roles + policies, ARM_BUCKETS.writes);
  const takingRoles = secondsFor(roles, ARM_BUCKETS.deletes);
  const takingPolicies = secondsFor(policies, ARM_BUCKETS.writes);
  // A vault whose right does not have to spread can be written to as soon as it is watched.
  const allSpread = by("group_role").length + by("vault_role").length === vaults.length;
  const firstWrite = allSpread ? Math.max(watching, spread) : watching;
  const least = Math.max(
    firstWrite + writing,
    giving,
    policies > 0 ? watching + takingPolicies : 0,
    roles > 0 ? Math.max(watching, spread) + takingRoles : 0,
    // The role that is given last has to spread, too.
    roles > 0 ? secondsFor(roles, ARM_BUCKETS.writes) + spread : 0,
    // Entries are added and removed by writes of one bucket.
    secondsFor(roles + 2 * policies, ARM_BUCKETS.writes),
  );
  const taking = Math.max(takingRoles, takingPolicies);
  return { groupRoles, roles, policies, writes: created + deleted, giving, writing, taking, least };
}

/** New rows go up as files; a row that changes takes a write of its own. */
function registerWrites(operation: Operation, places: readonly PlannedPlace[]): { uploads: number; rows: number } {
  const bytes = places.reduce((sum, { vaultId, decoys }) => sum + decoys * (2 * vaultId.length + ROW_BYTES), 0);
  return {
    uploads: operation === "plant" || operation === "replace" ? Math.ceil(bytes / UPLOAD_BYTES) : 0,
    rows: operation === "plant" ? 0 : countDecoys(places),
  };
}

function bySubscription(places: readonly PlannedPlace[]): PlannedPlace[][] {
  const found = new Map<string, PlannedPlace[]>();
  for (const place of places) {
    const [, , subscription = ""] = place.vaultId.split("/");
    const list = found.get(subscription);
    if (list) list.push(place);
    else found.set(subscription, [place]);
  }
  return [...found.values()];
}

function countDecoys(places: readonly PlannedPlace[]): number {
  return places.reduce((sum, { decoys }) => sum + decoys, 0);
}

function groupOf(vaultId: string): string {
  return vaultId.split("/").slice(0, 5).join("/");
}

/** How long a token bucket takes to let so many calls through. */
function secondsFor(calls: number, { burst, perSecond }: BucketSize): number {
  return Math.max(0, calls - burst) / perSecond;
}

/** How long a limit of `most` in any 10 seconds takes to let so many calls through. */
function windowsFor(calls: number, most: number): number {
  return calls === 0 ? 0 : Math.floor((calls - 1) / most) * WINDOW_SECONDS;
}
