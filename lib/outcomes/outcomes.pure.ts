import { z } from "zod";

/** Every figure is counted over so many days. */
export const WINDOW_DAYS = 30;

const count = z.number().int().nonnegative();

/** The figures of one count. Null = unknown: the source did not answer, or there was nothing to count over. */
export const OutcomeFigures = z.object({
  proven: z.object({
    /** Vaults that are protected now, and of these the ones in which a drill has passed within 30 days. */
    protectedVaults: count,
    provenVaults: count,
    /** Vaults with a honeytoken whose state is not known now; they are in neither. */
    unknownVaults: count,
    percent: z.number().nullable(),
  }),
  /** From touch to alert in drills, milliseconds. */
  timeToAlert: z.object({ drills: count, p50: z.number().nullable(), p95: z.number().nullable() }),
  benign: z.object({
    touches: count.nullable(),
    /** One for each honeytoken and day on which it stood. */
    decoyDays: z.number().nonnegative(),
    per100DecoyDays: z.number().nullable(),
  }),
  /**
   * Of the protected vaults that are not proven the one that is so for longest; null when there is none. Its id is null
   * for a person who may not read it.
   */
  oldestUnproven: z.object({ vaultId: z.string().nullable(), since: z.iso.datetime() }).nullable(),
  burnt: z.object({
    /** Honeytokens in incidents that were closed as true. */
    decoys: count.nullable(),
    /** Of these, the ones that stand as before: whoever knows them is warned. */
    standing: count.nullable(),
  }),
  /** Why something is unknown: sentences. */
  problems: z.array(z.string()),
});
export type OutcomeFigures = z.infer<typeof OutcomeFigures>;

export const OutcomeDay = z.object({ day: z.string(), countedAt: z.iso.datetime(), figures: OutcomeFigures });
export type OutcomeDay = z.infer<typeof OutcomeDay>;

/** GET /api/outcomes: the newest count of each day (UTC), oldest first; empty before the first. */
export const Outcomes = z.object({ days: z.array(OutcomeDay) });
export type Outcomes = z.infer<typeof Outcomes>;

/** Columns of the exported table. */
export const CSV_COLUMNS = [
  "Day",
  "Counted at",
  "Protected vaults",
  "Proven vaults",
  "Unknown vaults",
  "Proven percent",
  "Drills",
  "Time to alert p50 seconds",
  "Time to alert p95 seconds",
  "Benign touches",
  "Decoy days",
  "Benign touches per 100 decoy days",
  "Oldest unproven vault",
  "Unproven since",
  "Decoys burnt",
  "Burnt and standing",
  "Problems",
] as const;

/** A day as a line of the table; what is unknown says so. */
export function csvFields({ day, countedAt, figures }: OutcomeDay): string[] {
  const { proven, timeToAlert, benign, oldestUnproven, burnt, problems } = figures;
  const text = (value: number | null) => (value === null ? "unknown" : String(value));
  const seconds = (value: number | null) => text(value === null ? null : value / 1_000);
  return [
    day,
    countedAt,
    text(proven.protectedVaults),
    text(proven.provenVaults),
    text(proven.unknownVaults),
    text(proven.percent),
    text(timeToAlert.drills),
    seconds(timeToAlert.p50),
    seconds(timeToAlert.p95),
    text(benign.touches),
    text(benign.decoyDays),
    text(benign.per100DecoyDays),
    oldestUnproven === null ? "none" : (oldestUnproven.vaultId ?? "not yours to read"),
    oldestUnproven?.since ?? "",
    text(burnt.decoys),
    text(burnt.standing),
    problems.join(" "),
  ];
}
