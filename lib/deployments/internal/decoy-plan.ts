import "server-only";
import { z } from "zod";
import type { DecoyAttributes } from "@/lib/decoys/attributes";
import type { NextVersion } from "@/lib/decoys/next-version";
import type { ProposedHistory } from "@/lib/decoys/propose";
import { type Random, secureRandom } from "@/lib/decoys/random";
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
  /** Milliseconds after the decoy before it in the same vault; 0 = at once. */
  afterMs: z.number().default(0),
});

/** When further versions of a decoy are due. Times are milliseconds since 1970. */
export const PlannedHistory = z.object({
  /** Rising; the first one is the next. */
  due: z.array(z.number()),
  /** The time from one version to the next as it was planned last; before that the usual quarter. */
  pauseMs: z.number(),
  /** A version belongs after each round in which the neighbours are renewed. */
  withRounds: z.boolean(),
  /** When the newest version was made, or was due. */
  last: z.number(),
  /** When the vault was last looked into for a round, and how many objects of others it held then. */
  looked: z.number(),
  neighbours: z.number(),
  /** When the next round may come: until then a look at the log says soon enough that one came, meanwhile the list is asked. */
  expected: z.object({ from: z.number(), until: z.number() }).nullable().default(null),
  /** Neighbours of its sort, as `keyOf` names them. */
  alike: z.array(z.string()).default([]),
  /** What was drawn for it and for its next version: `Luck`. */
  luck: z.object({ part: z.number(), pause: z.number() }).default({ part: 0.5, pause: 0.5 }),
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

/** Milliseconds between the writing of this decoy and of the one before it in the same vault. */
export function lagOf({ attributes }: Pick<Decoy, "attributes">): number {
  return StoredAttributes.parse(attributes).afterMs;
}

/** Days that each version of a decoy is valid; undefined without an end. */
export function termOf({ attributes }: Pick<Decoy, "attributes">): number | undefined {
  return StoredAttributes.parse(attributes).expiresInDays;
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

/** The form in which the store keeps them, with the time after the decoy before it in the same vault. */
export function storedAttributes({ contentType, tags, expiresInDays, notBefore, key }: DecoyAttributes, afterMs = 0) {
  return {
    notBefore,
    ...(contentType !== undefined && { contentType }),
    ...(tags !== undefined && { tags }),
    ...(expiresInDays !== undefined && { expiresInDays }),
    ...(key !== undefined && { key: { ...key } }),
    ...(afterMs > 0 && { afterMs }),
  };
}

/** Between versions of a decoy of whose rhythm nothing is known: a quarter. */
const USUAL_PAUSE_MS = 91 * DAY_MS;

/** The history of a decoy made at `created`. Where none is planned yet, looks into the vault may still plan one. */
export function historyFrom({ next, luck, alike }: ProposedHistory, created: Date, neighbours: number): PlannedHistory {
  const at = created.getTime();
  const begun = {
    due: [],
    pauseMs: USUAL_PAUSE_MS,
    withRounds: false,
    last: at,
    looked: at,
    neighbours,
    expected: null,
  };
  return plannedAnew({ ...begun, alike: [...alike], luck }, next);
}

/** When the next version is due at the latest. */
export function nextDue({ due: [next] }: PlannedHistory): Date | null {
  return next === undefined ? null : new Date(next);
}

/**
 * The history after a version at `at`: what that one was planned as is done with. With rounds the next one is due a pause
 * later should no round come, so that no term runs out. Where no planned one is left the last pause is repeated, so that
 * it goes on for as long as the decoy is kept.
 */
export function afterVersion(history: PlannedHistory, at: Date, random: Random = secureRandom): PlannedHistory {
  const time = at.getTime();
  const [planned = time] = history.due;
  const luck = { ...history.luck, pause: random() };
  const again = history.due.length > 0 ? [time + history.pauseMs] : [];
  const left = history.withRounds ? [] : history.due.filter((planned) => planned > time);
  // From the planned moment, so that what is late once is not late ever after.
  const last = planned <= time && time - planned < ON_TIME_MS ? planned : time;
  return { ...history, due: left.length > 0 ? left : again, last, luck };
}

/** A version that is written within this time of its moment was on time. */
const ON_TIME_MS = 3_600_000;

/** The history planned anew, by what a look has shown. */
export function plannedAnew(history: PlannedHistory, { due, withRounds, expected }: NextVersion): PlannedHistory {
  const next = due?.getTime();
  const rounds = {
    withRounds,
    expected: expected ? { from: expected.from.getTime(), until: expected.until.getTime() } : null,
  };
  if (next === undefined) return { ...history, ...rounds, due: [] };
  return { ...history, ...rounds, due: [next], pauseMs: Math.max(SHORTEST_MS, next - history.last) };
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
  const fresh = freshDates(history, made);
  return fresh.some((newest) => {
    const together = fresh.filter((time) => time <= newest && newest - time < ROUND_MS);
    return together.length - added >= 2;
  });
}

/** The history after a look at `now` that found no round. What may be the beginning of one is no news that is done with. */
export function afterLook(history: PlannedHistory, made: readonly Date[], now: Date): PlannedHistory {
  if (freshDates(history, made).some((time) => now.getTime() - time < ROUND_MS)) return history;
  return { ...history, looked: now.getTime(), neighbours: made.length };
}

function freshDates(history: PlannedHistory, made: readonly Date[]): number[] {
  const since = newsSince(history);
  return made.map((date) => date.getTime()).filter((time) => time > since);
}

/** Whether a round may come just now, so that the list is asked. */
export function isExpected({ withRounds, expected }: PlannedHistory, now: Date): boolean {
  return withRounds && expected !== null && expected.from <= now.getTime() && now.getTime() <= expected.until;
}
