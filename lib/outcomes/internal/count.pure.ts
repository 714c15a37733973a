import type { OutcomeFigures } from "../outcomes.pure";

const DAY = 24 * 60 * 60 * 1000;

/** A decoy's time in its vault. */
export interface Stand {
  tokenKey: string;
  vaultId: string;
  from: Date;
  /** Undefined while it stands. */
  until: Date | undefined;
}

/** An alert of the rule about touched honeytokens. */
export interface CountedAlert {
  /** Lower-case object id; undefined when the caller had none. */
  caller: string | undefined;
  touches: number;
  tokenKeys: readonly string[];
  /** A confirmed exception applies to it. */
  excepted: boolean;
  /** What the incidents that hold it were closed as. */
  classifications: readonly string[];
}

/** Days that decoys stood between two times, one for each decoy and day, broken ones included; two decimals. */
export function decoyDays(stands: readonly Stand[], from: Date, until: Date): number {
  const sum = stands.reduce((days, stand) => {
    const start = Math.max(stand.from.getTime(), from.getTime());
    const end = Math.min((stand.until ?? until).getTime(), until.getTime());
    return days + Math.max(0, end - start) / DAY;
  }, 0);
  return rounded(sum);
}

/**
 * Touches that turned out benign: in an incident closed as benign or false, or excepted and in none that was closed as a
 * true one. An alert is marked when an exception applies to one of its touches, so what a person found weighs more than
 * the mark: touches closed as true are never benign, whoever else touched. Drills are none.
 */
export function benignTouches(alerts: readonly CountedAlert[], drillOid: string): number {
  const benign = alerts.filter(
    ({ caller, excepted, classifications }) =>
      caller !== drillOid &&
      !classifications.includes("TruePositive") &&
      (excepted || classifications.some((one) => one === "BenignPositive" || one === "FalsePositive")),
  );
  return benign.reduce((sum, { touches }) => sum + touches, 0);
}

/** Decoys that a true touch has made known to somebody, and how many of them stand as before. */
export function burntDecoys(
  alerts: readonly CountedAlert[],
  stands: readonly Stand[],
): { decoys: number; standing: number } {
  const burnt = new Set(
    alerts
      .filter(({ classifications }) => classifications.includes("TruePositive"))
      .flatMap(({ tokenKeys }) => tokenKeys),
  );
  const standing = new Set(stands.filter(({ until }) => until === undefined).map(({ tokenKey }) => tokenKey));
  return { decoys: burnt.size, standing: [...burnt].filter((key) => standing.has(key)).length };
}

/** How a vault with a decoy stands. */
export interface CountedVault {
  vaultId: string;
  state: string;
  /** When its last passed drill ended. */
  provenAt: Date | undefined;
}

/** How many protected vaults are proven, and which is unproven for longest: since its last proof, or its first decoy. */
export function provenFigures(
  vaults: readonly CountedVault[],
  stands: readonly Stand[],
  now: Date,
  days: number,
): Pick<OutcomeFigures, "proven" | "oldestUnproven"> {
  const guarded = vaults.filter(({ state }) => state === "protected");
  const isProven = ({ provenAt }: CountedVault) =>
    provenAt !== undefined && now.getTime() - provenAt.getTime() <= days * DAY;
  const first = new Map<string, Date>();
  for (const { vaultId, from } of stands) {
    const known = first.get(vaultId);
    if (!known || from < known) first.set(vaultId, from);
  }
  const [oldest] = guarded
    .filter((vault) => !isProven(vault))
    .map(({ vaultId, provenAt }) => ({ vaultId, since: provenAt ?? first.get(vaultId) ?? now }))
    .sort((a, b) => a.since.getTime() - b.since.getTime());
  const provenVaults = guarded.filter(isProven).length;
  return {
    proven: {
      protectedVaults: guarded.length,
      provenVaults,
      unknownVaults: vaults.filter(({ state }) => state === "unknown").length,
      percent: guarded.length === 0 ? null : rounded((100 * provenVaults) / guarded.length),
    },
    oldestUnproven: oldest ? { vaultId: oldest.vaultId, since: oldest.since.toISOString() } : null,
  };
}

/** Touches per 100 decoy-days; null when none stood, or they could not be counted. */
export function per100(touches: number | null, days: number): number | null {
  return touches === null || days === 0 ? null : rounded((100 * touches) / days);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
