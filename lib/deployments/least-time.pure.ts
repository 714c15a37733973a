import type { GrantWay, Operation } from "./views.pure";

/** One vault of a plan, as far as Azure's limits care. */
export interface PlannedPlace {
  vaultId: string;
  decoys: number;
  grant: GrantWay;
}

/** Milliseconds that Azure takes however fast we are: until a watchlist change shows, until a role works. */
export interface Lags {
  watchlistLag: number;
  grantLag: number;
}

export interface LeastTime {
  groupAssignments: number;
  secondsAtLeast: number;
  limits: { what: string; seconds: number }[];
}

/** ARM's token bucket of writes and of deletes: a burst, then so many a second, per subscription and principal. */
const ARM_BURST = 200;
const ARM_PER_SECOND = 10;
/** Creations in the vaults of one subscription: five times one vault's 300 in 10 seconds. */
const CREATE_BURST = 1_500;
const CREATE_PER_SECOND = 150;

/**
 * The least time in which any correct planter could carry a plan out, from Azure's documented limits alone. Counts only
 * what cannot be avoided: one write a honeytoken; an added and a removed policy entry per vault with access policies;
 * one role per group or vault, given and taken; the time until the workspace shows the register and until a role works.
 * Subscriptions have buckets of their own, so the fullest decides. Sources: azure-resource-manager request limits
 * (2024), Key Vault service limits, Sentinel watchlists, role-based access control troubleshooting.
 */
export function leastTime(operation: Operation, lags: Lags, places: readonly PlannedPlace[]): LeastTime {
  const bySubscription = new Map<string, PlannedPlace[]>();
  for (const place of places) {
    const [, , subscription = ""] = place.vaultId.split("/");
    const list = bySubscription.get(subscription);
    if (list) list.push(place);
    else bySubscription.set(subscription, [place]);
  }
  let groupAssignments = 0;
  let giving = 0;
  let taking = 0;
  let writing = 0;
  for (const vaults of bySubscription.values()) {
    const groups = new Set(vaults.filter(({ grant }) => grant === "group_role").map(({ vaultId }) => groupOf(vaultId)));
    const count = (way: GrantWay) => vaults.filter(({ grant }) => grant === way).length;
    groupAssignments += groups.size;
    giving = Math.max(
      giving,
      secondsFor(groups.size + count("vault_role") + count("policy"), ARM_BURST, ARM_PER_SECOND),
    );
    // Roles are taken back by deletes, policy entries by writes: two buckets, so the fuller one counts.
    taking = Math.max(
      taking,
      secondsFor(groups.size + count("vault_role"), ARM_BURST, ARM_PER_SECOND),
      secondsFor(count("policy"), ARM_BURST, ARM_PER_SECOND),
    );
    const decoys = vaults.reduce((sum, vault) => sum + vault.decoys, 0);
    writing = Math.max(writing, secondsFor(decoys, CREATE_BURST, CREATE_PER_SECOND));
  }
  const roles = places.some(({ grant }) => grant === "group_role" || grant === "vault_role");
  const waits = [
    {
      what: "Giving the planting identity its rights: 200 writes at once, then 10 a second in each subscription",
      seconds: giving,
    },
    {
      what: "Until the workspace shows the register, and until new roles work; both pass at the same time",
      seconds:
        places.length === 0
          ? 0
          : Math.max(operation === "retire" && !roles ? 0 : lags.watchlistLag, roles ? lags.grantLag : 0) / 1_000,
    },
    { what: "Writing: 1,500 creations at once, then 150 a second in each subscription", seconds: writing },
    { what: "Taking the rights back: 200 at once, then 10 a second in each subscription", seconds: taking },
  ];
  return {
    groupAssignments,
    secondsAtLeast: Math.ceil(waits.reduce((sum, { seconds }) => sum + seconds, 0)),
    limits: waits.map(({ what, seconds }) => ({ what, seconds: Math.ceil(seconds) })),
  };
}

function groupOf(vaultId: string): string {
  return vaultId.split("/").slice(0, 5).join("/");
}

/** How long a token bucket of `burst` that refills at `perSecond` takes to let `calls` through. */
function secondsFor(calls: number, burst: number, perSecond: number): number {
  return Math.max(0, calls - burst) / perSecond;
}
