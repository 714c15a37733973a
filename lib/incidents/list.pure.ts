import { z } from "zod";

/** Gravest first. */
export const SEVERITIES = ["High", "Medium", "Low", "Informational"] as const;
export type Severity = (typeof SEVERITIES)[number];

export const STATUSES = ["New", "Active", "Closed"] as const;
export type Status = (typeof STATUSES)[number];

/** How many days back the list may look; the default retention of Sentinel's tables is 90 days. */
export const RANGES = ["1", "7", "30", "90"] as const;
export type Range = (typeof RANGES)[number];
export const RANGE_DEFAULT: Range = "30";

/** What GET /api/incidents takes. */
export const IncidentListQuery = z.strictObject({
  days: z.enum(RANGES).default(RANGE_DEFAULT),
  /** The digest of the answer that the caller has: an unchanged list is then not sent again. */
  known: z.string().max(100).default(""),
});
export type IncidentListQuery = z.infer<typeof IncidentListQuery>;

/** An incident as Sentinel has it; times are ISO, in UTC. */
export const IncidentRow = z.object({
  /** IncidentName, a GUID: the address of its page. */
  id: z.string(),
  number: z.number(),
  title: z.string(),
  severity: z.enum(SEVERITIES),
  status: z.enum(STATUSES),
  /** Such as "TruePositive"; null while it is open. */
  classification: z.string().nullable(),
  owner: z.string().nullable(),
  createdAt: z.string(),
  changedAt: z.string(),
});
export type IncidentRow = z.infer<typeof IncidentRow>;

/** An alert of our rules: one caller in one vault, unless a run of a rule raised so many that it stands for several. */
export const AlertRow = z.object({
  id: z.string(),
  /** The incident that holds it; null for one that is in no incident of the list. */
  incident: z.string().nullable(),
  /** When it happened, ISO. */
  at: z.string(),
  severity: z.enum(SEVERITIES),
  /** Places in the list's `vaults`. */
  vaults: z.array(z.number()),
  callers: z.array(z.string()),
  decoys: z.array(z.string()),
  operations: z.array(z.string()),
  /** Operations on decoys that it stands for; 0 for an alert about something else, such as tampering. */
  touches: z.number(),
});
export type AlertRow = z.infer<typeof AlertRow>;

export const PARTS = ["incidents", "alerts"] as const;
export type Part = (typeof PARTS)[number];

/** A part that could not be read, or not to its end. */
const Problem = z.object({
  part: z.enum(PARTS),
  /** Some rows came; more are missing. */
  partial: z.boolean(),
  message: z.string(),
  fix: z.string().nullable(),
});
export type Problem = z.infer<typeof Problem>;

/** GET /api/incidents */
export const IncidentList = z.object({
  days: z.enum(RANGES),
  /** When Azure was asked, ISO. */
  readAt: z.string(),
  /** Names this very content. */
  digest: z.string(),
  /** Vault ids, in the one form in which they are compared. */
  vaults: z.array(z.string()),
  /** Newest first. */
  incidents: z.array(IncidentRow),
  /** Oldest first. */
  alerts: z.array(AlertRow),
  problems: z.array(Problem),
});
export type IncidentList = z.infer<typeof IncidentList>;

/** The answer to a caller whose `known` is still what Azure says. */
export const Unchanged = z.object({ unchanged: z.literal(true), readAt: z.string() });
export type Unchanged = z.infer<typeof Unchanged>;
