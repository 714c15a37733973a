import "server-only";
import { z } from "zod";
import type { DecoyAttributes } from "@/lib/decoys/attributes";
import type { Decoy } from "@/lib/store/decoys";

/*
 * What is decided about a decoy when its name is, as it stands in the store: what it carries, and the versions that it
 * gets later. What an older version of the product planted carries nothing and gets none.
 */

const KeyShape = z.object({
  type: z.string(),
  size: z.number().optional(),
  curve: z.string().optional(),
});

const StoredAttributes = z.object({
  contentType: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  expiresInDays: z.number().optional(),
  notBefore: z.boolean().default(false),
  key: KeyShape.optional(),
});

/** When further versions of a decoy are due. Times are milliseconds since 1970. */
export const PlannedHistory = z.object({
  /** Rising; the first one is the next. */
  due: z.array(z.number()),
  /** The time between the creation and the first planned version; without one the usual quarter. */
  pauseMs: z.number(),
  /** A version belongs after each round in which the neighbours are renewed. */
  withRounds: z.boolean(),
  /** When the newest version was made, or was due. */
  last: z.number(),
  /** When the vault was last looked into for a round, and how many objects of others it held then. */
  looked: z.number(),
  neighbours: z.number(),
});
export type PlannedHistory = z.infer<typeof PlannedHistory>;

/** What a version written at `at` carries, as the service takes it. */
export interface VersionAttributes {
  contentType: string | undefined;
  tags: Record<string, string> | undefined;
  notBefore: Date | undefined;
  expires: Date | undefined;
}

const DAY_MS = 86_400_000;

/** What a version of this decoy carries that is written at `at`. Dates are whole seconds, as Key Vault keeps them. */
export function attributesAt({ attributes }: Pick<Decoy, "attributes">, at: Date): VersionAttributes {
  const { contentType, tags, expiresInDays, notBefore } = StoredAttributes.parse(attributes);
  const second = (time: number) => new Date(Math.floor(time / 1_000) * 1_000);
  return {
    contentType,
    tags,
    notBefore: notBefore ? second(at.getTime()) : undefined,
    expires: expiresInDays === undefined ? undefined : second(at.getTime() + expiresInDays * DAY_MS),
  };
}

const KEY_TYPES = ["RSA", "EC", "RSA-HSM", "EC-HSM"] as const;
const WRITTEN_AS = z.enum(KEY_TYPES).catch("RSA");

/** How a decoy key is made: as its neighbours are; RSA of 2048 bits where that is not known or cannot be made. */
export function keyShapeOf({ attributes }: Pick<Decoy, "attributes">): {
  kty: (typeof KEY_TYPES)[number];
  size: number | undefined;
  curve: string | undefined;
} {
  const { key } = StoredAttributes.parse(attributes);
  return { kty: WRITTEN_AS.parse(key?.type), size: key?.size, curve: key?.curve };
}

/** The form in which the store keeps them. */
export function storedAttributes({ contentType, tags, expiresInDays, notBefore, key }: DecoyAttributes) {
  return {
    notBefore,
    ...(contentType !== undefined && { contentType }),
    ...(tags !== undefined && { tags }),
    ...(expiresInDays !== undefined && { expiresInDays }),
    ...(key !== undefined && { key: { ...key } }),
  };
}

/** Between versions of a decoy of whose rhythm nothing is known: a quarter. */
const USUAL_PAUSE_MS = 91 * DAY_MS;

/** The history of a decoy made at `created`; undefined when it gets no further version. */
export function historyFrom(
  { versions, withRounds }: { versions: readonly number[]; withRounds: boolean },
  created: Date,
  neighbours: number,
): PlannedHistory | undefined {
  const [first] = versions;
  if (first === undefined && !withRounds) return undefined;
  const at = created.getTime();
  return {
    due: versions.map((after) => at + after),
    pauseMs: first ?? USUAL_PAUSE_MS,
    withRounds,
    last: at,
    looked: at,
    neighbours,
  };
}

/** When the next version is due at the latest. */
export function nextDue({ due: [next] }: PlannedHistory): Date | null {
  return next === undefined ? null : new Date(next);
}

/** Planned moments so near after a version that came with a round, as a share of the usual pause, are not needed. */
const STANDS_FOR = 0.7;

/**
 * The history after a version at `at`: what that one was planned as is done with. Where no planned one is left the last
 * pause is repeated, so that it goes on for as long as the decoy is kept.
 */
export function afterVersion(history: PlannedHistory, at: Date): PlannedHistory {
  const time = at.getTime();
  const covered = history.withRounds ? history.pauseMs * STANDS_FOR : 0;
  const due = history.due.filter((planned) => planned > time + covered);
  const going = due.length === 0 && history.due.length > 0 ? [time + history.pauseMs] : due;
  return { ...history, due: going, last: time };
}

/** Two renewals within this time are one round. */
const ROUND_MS = 0.1 * DAY_MS;
/** A decoy is not renewed again so soon, whatever its neighbours do. */
const SHORTEST_MS = 7 * DAY_MS;

/** What is older than this (milliseconds since 1970) is no news for a decoy that is renewed with its neighbours. */
export function newsSince({ last, looked }: PlannedHistory): number {
  return Math.max(last + SHORTEST_MS, looked);
}

/**
 * Whether the neighbours were renewed together since the vault was last looked into. What was added since is no renewal:
 * of a group of new dates, as many are left out as the vault has more objects than it had.
 *
 * @param made when the current version of each object of others was made, in any order
 */
export function hadRound(history: PlannedHistory, made: readonly Date[]): boolean {
  const added = Math.max(0, made.length - history.neighbours);
  const since = newsSince(history);
  const fresh = made.map((date) => date.getTime()).filter((time) => time > since);
  return fresh.some((newest) => {
    const together = fresh.filter((time) => time <= newest && newest - time < ROUND_MS);
    return together.length - added >= 2;
  });
}
