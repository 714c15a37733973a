import type { VaultPlan } from "./plan";
import { Random } from "./random";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Enough to show a rhythm; a vault of ten years does not fill the memory. */
const ROTATIONS_MAX = 5;

/** One version of an object as the world makes it, before it has a value. */
export interface VersionPlan {
  /** 32 hex digits. */
  version: string;
  created: number;
  enabled: boolean;
  expires?: number;
}

/** How the people of one vault look after what is in it. */
export interface VaultHabits {
  /** Days between two versions of a secret that is rotated; undefined where nobody rotates. */
  rotationDays?: number;
  /** Part of the secrets that are rotated at all. */
  rotatedShare: number;
  setsExpiry: boolean;
  disablesOld: boolean;
  rotatesKeys: boolean;
  /** `named` says the kind of secret, as `password`. */
  contentType?: "text/plain" | "application/json" | "named";
  tags?: Record<string, string>;
  /** `application/x-pkcs12` or `application/x-pem-file`: what the vault's certificates are kept as. */
  certificateType: string;
  /** Days that a certificate is valid. */
  certificateDays: number;
}

/** The habits of a vault; a pure function of seed and vault. */
export function vaultHabits(seed: number, vault: VaultPlan): VaultHabits {
  const random = new Random(`${seed}/habits/${vault.index}`);
  const dice = random.next();
  const rotationDays = dice < 0.4 ? undefined : dice < 0.48 ? 30 : dice < 0.72 ? 90 : dice < 0.86 ? 180 : 365;
  const contentDice = random.next();
  const contentType =
    contentDice < 0.6
      ? undefined
      : contentDice < 0.8
        ? "text/plain"
        : contentDice < 0.95
          ? "named"
          : "application/json";
  const tags = tagsOf(random, vault);
  return {
    ...(rotationDays !== undefined && { rotationDays }),
    rotatedShare: 0.2 + random.next() * 0.6,
    setsExpiry: random.chance(0.35),
    disablesOld: random.chance(0.3),
    rotatesKeys: random.chance(0.25),
    ...(contentType && { contentType }),
    ...(tags && { tags }),
    certificateType: random.chance(0.8) ? "application/x-pkcs12" : "application/x-pem-file",
    certificateDays: random.chance(0.7) ? 365 : 90,
  };
}

function tagsOf(random: Random, vault: VaultPlan): Record<string, string> | undefined {
  const dice = random.next();
  if (dice < 0.72) return undefined;
  if (dice < 0.84) return { "managed-by": "terraform" };
  if (dice < 0.93) return { team: vault.group.team, environment: vault.group.environment };
  return { source: "release-pipeline" };
}

/**
 * The versions of one secret up to `until`, oldest first: none is younger. A pure function of seed, vault and name, so
 * that the log can name a version without the secret's document being made.
 */
export function secretTimeline(
  seed: number,
  vault: VaultPlan,
  habits: VaultHabits,
  name: string,
  until: number,
): VersionPlan[] {
  const random = new Random(`${seed}/secret/${vault.index}/${name}`);
  const rotated = habits.rotationDays !== undefined && random.chance(habits.rotatedShare);
  const period = (habits.rotationDays ?? 365) * DAY;
  const times = rotated ? rotationTimes(random, vault, period, until) : loneTimes(random, vault, until);
  const versions = times.map((created, place): VersionPlan => {
    const last = place === times.length - 1;
    const enabled = last ? !random.chance(0.02) : !(habits.disablesOld && place < times.length - 2);
    return { version: random.hex(32), created, enabled };
  });
  const newest = versions.at(-1);
  // Those who set an expiry set one that outlives the rhythm; what nobody rotates has often passed its own.
  if (newest && habits.setsExpiry && (rotated || random.chance(0.3))) newest.expires = newest.created + period * 1.5;
  return versions;
}

/** The versions of one key up to `until`, oldest first. */
export function keyTimeline(
  seed: number,
  vault: VaultPlan,
  habits: VaultHabits,
  name: string,
  until: number,
): VersionPlan[] {
  const random = new Random(`${seed}/key/${vault.index}/${name}`);
  const times =
    habits.rotatesKeys && random.chance(0.6)
      ? rotationTimes(random, vault, 365 * DAY, until).slice(-3)
      : [between(random, vault.createdAt + DAY, until - DAY)];
  return times.map((created) => ({ version: random.hex(32), created, enabled: true }));
}

/** The versions of one certificate, which its key and its secret share: each valid for a term, renewed before its end. */
export function certificateTimeline(
  seed: number,
  vault: VaultPlan,
  habits: VaultHabits,
  name: string,
  until: number,
): VersionPlan[] {
  const random = new Random(`${seed}/certificate/${vault.index}/${name}`);
  const term = habits.certificateDays * DAY;
  const times = rotationTimes(random, vault, term * 0.8, until).slice(-3);
  return times.map((created) => ({ version: random.hex(32), created, enabled: true, expires: created + term }));
}

/** Whole periods back from the last one, each a little off and in working hours, none before the vault. */
function rotationTimes(random: Random, vault: VaultPlan, period: number, until: number): number[] {
  const count = random.int(1, ROTATIONS_MAX);
  const times: number[] = [];
  let at = until - random.next() * period;
  for (let i = 0; i < count && at > vault.createdAt + 5 * DAY; i++) {
    times.unshift(inWorkingHours(random, at));
    at -= period * (0.92 + random.next() * 0.16);
  }
  return times.length > 0 ? times : [between(random, vault.createdAt + DAY, until - DAY)];
}

/** Made once, and perhaps replaced once since. */
function loneTimes(random: Random, vault: VaultPlan, until: number): number[] {
  const birth = between(random, vault.createdAt + DAY, until - DAY);
  return random.chance(0.12) && until - birth > 10 * DAY ? [birth, between(random, birth + DAY, until - DAY)] : [birth];
}

function between(random: Random, from: number, to: number): number {
  return from + Math.floor(random.next() * Math.max(HOUR, to - from));
}

/** The same day, or the working day before it, between 07:00 and 17:00 UTC; never later than `at` by a whole day. */
function inWorkingHours(random: Random, at: number): number {
  const day = Math.floor(at / DAY) - 1;
  const weekday = (day + 4) % 7; // 1 January 1970 was a Thursday; 0 is Sunday
  const back = weekday === 0 ? 2 : weekday === 6 ? 1 : 0;
  return (day - back) * DAY + 7 * HOUR + Math.floor(random.next() * 10 * HOUR);
}
