import { z } from "zod";
import { VaultIdText } from "@/lib/azure/vault-id-schema.pure";
import { Selection } from "@/lib/deployments/fleet.pure";

/** How long a passed drill proves a vault; days. Source: DESIGN section 4, the fact "proven". */
export const PROVEN_DAYS = 30;

export const DRILL_STATES = [
  "queued",
  "recorded",
  "touched",
  "seen",
  "alerted",
  "passed",
  "failed",
  "unreachable",
] as const;

export type DrillState = (typeof DRILL_STATES)[number];

/** What was decided about an incident that holds a touch by the drill identity. */
const DRILL_DECISIONS = ["closed", "closed_already", "commented", "raised", "reopened"] as const;
export type DrillDecision = (typeof DRILL_DECISIONS)[number];

/** What a drill goes through, in order. */
export const DRILL_STAGES = ["touch", "row", "alert", "incident"] as const;
export type DrillStage = (typeof DRILL_STAGES)[number];

/**
 * What is asked of the vault: a read that it refuses, by an identity that has no right anywhere; or one that it permits,
 * under a right that is given to that identity for moments.
 */
const DRILL_READS = ["denied", "permitted"] as const;
const DrillRead = z.enum(DRILL_READS);
export type DrillRead = z.infer<typeof DrillRead>;

/** Why a drill ended without its proof. Each has its sentence and its fix in `drill-words.pure.ts`. */
export const DRILL_PROBLEMS = [
  "no_decoy", // none of the vault can be touched
  "not_sent", // our own identity got no token
  "has_right", // it was answered: the identity may read, which it must not
  "gone", // the vault does not know the object
  "not_accepted", // Key Vault did not take the token
  "throttled",
  "refused", // another refusal
  "no_answer", // neither an answer nor a row
  "no_row",
  "no_alert",
  "no_incident",
  "network",
  "may_not_give", // of a permitted read: who asked for it may not give rights there any more
  "not_given", // Azure refused to give the right, or it or the vault did not answer
  "right_left", // an earlier right of ours was not taken back there
  "no_spread", // the right did not begin to work
  "taken_back", // the right was taken back before the read
] as const;
export type DrillProblem = (typeof DRILL_PROBLEMS)[number];

const time = z.iso.datetime().nullable();

/** One drill as people see it. Holds no name of a decoy: owners see it too. */
export const DrillView = z.object({
  id: z.string(),
  vaultId: z.string(),
  state: z.enum(DRILL_STATES),
  /** Not ended, and longer under way than is usual. */
  late: z.boolean(),
  problem: z.enum(DRILL_PROBLEMS).nullable(),
  /** Who asked for it; null = the schedule. */
  by: z.string().nullable(),
  requestedAt: z.iso.datetime(),
  /** It is not made before. */
  notBefore: z.iso.datetime(),
  endedAt: time,
  /** Kind of honeytoken that was touched; null before one was chosen. */
  kind: z.enum(["secret", "key"]).nullable(),
  refusedBy: z.enum(["right", "network"]).nullable(),
  /** What was asked for. */
  read: DrillRead,
  /** What its touch was, and so what is proven; null before that is known. */
  was: DrillRead.nullable(),
  /** The right that was given for it; null where none was. */
  right: z.enum(["intended", "given", "revoking", "revoked"]).nullable(),
  /** The log table in which its row was found first. */
  table: z.string().nullable(),
  /** It repeats one that was lost without a trace. */
  repeats: z.boolean(),
  /** When each stage was reached, by the service's clock, and milliseconds after the touch; null = not reached. */
  stages: z.array(z.object({ stage: z.enum(DRILL_STAGES), at: time, after: z.number().nullable() })),
  /** Only for analysts and administrators. */
  incident: z
    .object({
      name: z.string(),
      number: z.number().nullable(),
      decision: z.enum(DRILL_DECISIONS).nullable(),
      reason: z.string().nullable(),
      lookAgainAt: time,
      lookedAgainAt: time,
    })
    .nullable()
    .optional(),
});
export type DrillView = z.infer<typeof DrillView>;

/** GET /api/drills/{subscription}/{group}/{name} */
export const VaultDrills = z.object({
  /** Newest first. */
  drills: z.array(DrillView),
  /** Whether the person may start one, and why not. */
  mayDrill: z.boolean(),
  mayDrillReason: z.string().nullable(),
  /** Milliseconds after which a drill counts as late, and as failed. */
  lateAfter: z.number(),
  failsAfter: z.number(),
});
export type VaultDrills = z.infer<typeof VaultDrills>;

/** Durations of one stage over the drills that reached it, milliseconds after the touch. */
export const StageTimes = z.object({
  stage: z.enum(["row", "alert", "incident"]),
  count: z.number().int(),
  p50: z.number().nullable(),
  p95: z.number().nullable(),
});
export type StageTimes = z.infer<typeof StageTimes>;

/** GET /api/drills */
export const FleetDrills = z.object({
  /** Under way, oldest first; at most 20. */
  running: z.array(DrillView),
  runningCount: z.number().int(),
  /** Vaults with drills that the person may not read: theirs are not in the lists, only in the times. */
  vaultsLeftOut: z.number().int(),
  /** Ended, newest first; at most 200. */
  ended: z.array(DrillView),
  /** Over the drills of the last 30 days. */
  times: z.array(StageTimes),
  /** The same by day, oldest first. */
  days: z.array(z.object({ day: z.string(), times: z.array(StageTimes) })),
  schedule: z.object({
    everyDays: z.number(),
    dailyMax: z.number(),
    /** ISO time of the last change; null = the defaults hold. */
    changedAt: z.string().nullable(),
    startedToday: z.number().int(),
    mayChange: z.boolean(),
  }),
  /** Why none can be started at all; null when they can. */
  refusal: z.string().nullable(),
});
export type FleetDrills = z.infer<typeof FleetDrills>;

export const DrillRequest = z.strictObject({ vaultId: VaultIdText, read: DrillRead.default("denied") });
export type DrillRequest = z.infer<typeof DrillRequest>;

export const FleetDrillRequest = z.strictObject({ selection: Selection });
export type FleetDrillRequest = z.infer<typeof FleetDrillRequest>;

/** How many were started, and why the others were not. */
export interface FleetDrillAnswer {
  started: number;
  skipped: { reason: string; vaults: number }[];
}

/** The drills that the product makes by itself. */
export const DrillSettings = z.strictObject({
  /** Each protected vault is drilled at least this often, days; 0 = never by itself. */
  everyDays: z.int("Give a whole number.").min(0, "At least 0.").max(365, "At most 365.").default(PROVEN_DAYS),
  /** At most so many are started by the schedule in a day (UTC). */
  dailyMax: z.int("Give a whole number.").min(1, "At least 1.").max(10_000, "At most 10,000.").default(200),
});
export type DrillSettings = z.infer<typeof DrillSettings>;
