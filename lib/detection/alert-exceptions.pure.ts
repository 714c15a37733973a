import { z } from "zod";

/**
 * What can be excepted: reading an object, its versions, and backing it up. Whatever changes, uses or destroys a decoy
 * always counts in full.
 */
export const EXCEPTABLE = [
  "SecretGet",
  "SecretListVersions",
  "SecretBackup",
  "KeyGet",
  "KeyListVersions",
  "KeyBackup",
  "CertificateGet",
  "CertificateListVersions",
  "CertificateBackup",
] as const;
export type Exceptable = (typeof EXCEPTABLE)[number];
export const ExceptableText = z.enum(EXCEPTABLE);

export const REASON_MIN = 10;
const DAY_MS = 24 * 60 * 60 * 1000;
export const DAYS_MAX = 365;
/** Exceptions that end so soon are listed for review. */
export const REVIEW_DAYS = 14;

const reason = z
  .string()
  .trim()
  .min(REASON_MIN, `Say why, in at least ${REASON_MIN} characters.`)
  .max(500, "At most 500 characters.");
const day = z.iso.date("Choose a day.");

/** Where an exception holds. */
export const ExceptionScope = z.discriminatedUnion("level", [
  z.strictObject({ level: z.literal("everywhere") }),
  z.strictObject({ level: z.literal("vault"), vaultId: z.string().max(400) }),
  z.strictObject({ level: z.literal("decoy"), decoyId: z.string().max(64) }),
]);
export type ExceptionScope = z.infer<typeof ExceptionScope>;

/** What an administrator confirms; the same schema in the form and in the action. */
export const AlertExceptionRequest = z.strictObject({
  callerOid: z
    .string()
    .trim()
    .toLowerCase()
    .pipe(
      z.guid("This is no object id. Take the object id of the identity in Microsoft Entra, not its application id."),
    ),
  callerName: z.string().trim().min(1, "Say who this is.").max(200, "At most 200 characters."),
  operations: z.array(ExceptableText).min(1, "Choose at least one operation.").max(EXCEPTABLE.length),
  scope: ExceptionScope,
  reason,
  /** First and last day on which it holds, UTC, YYYY-MM-DD. */
  firstDay: day,
  lastDay: day,
});
export type AlertExceptionRequest = z.infer<typeof AlertExceptionRequest>;

export const RenewRequest = z.strictObject({ id: z.uuid(), reason, lastDay: day });
export type RenewRequest = z.infer<typeof RenewRequest>;
export const EndAlertExceptionRequest = z.strictObject({ id: z.uuid() });
export const DismissRequest = z.strictObject({ callerOid: z.guid() });

/**
 * From when until when an exception holds that begins on `firstDay`, or now if that is later, and holds for the whole
 * of `lastDay` (UTC); or what is wrong with the days, at which field.
 */
export function validity(
  { firstDay, lastDay }: { firstDay: string; lastDay: string },
  now: Date,
): { from: Date; until: Date } | { field: "firstDay" | "lastDay"; message: string } {
  const begin = Date.parse(`${firstDay}T00:00:00Z`);
  const until = Date.parse(`${lastDay}T00:00:00Z`) + DAY_MS;
  if (begin + DAY_MS <= now.getTime())
    return { field: "firstDay", message: "This day is over. Choose one that is not." };
  const from = Math.max(begin, now.getTime());
  if (until <= from) return { field: "lastDay", message: "It would be over before it begins. Choose a later day." };
  if (until - from > DAYS_MAX * DAY_MS) {
    return { field: "lastDay", message: `An exception lasts ${DAYS_MAX} days at most. It can be renewed then.` };
  }
  return { from: new Date(from), until: new Date(until) };
}

const Place = z.object({
  level: z.enum(["everywhere", "vault", "decoy"]),
  vault: z.object({ name: z.string(), path: z.string() }).nullable(),
  decoy: z.string().nullable(),
});

export const AlertException = z.object({
  id: z.string(),
  callerOid: z.string(),
  callerName: z.string(),
  operations: z.array(z.string()),
  place: Place,
  reason: z.string(),
  from: z.string(),
  /** ISO; it is over by then without anybody's doing. */
  until: z.string(),
  /** Null = recovered from the published register and not confirmed since. */
  confirmedBy: z.string().nullable(),
  confirmedAt: z.string().nullable(),
  /** `waiting`: not all of its rows are published yet, or not all are gone; `failed`: `problem` says why. */
  publication: z.enum(["published", "waiting", "failed"]),
  problem: z.string().nullable(),
  /** Why a person should look at it; null = nothing to decide. */
  review: z.enum(["over", "ending", "unconfirmed"]).nullable(),
});
export type AlertException = z.infer<typeof AlertException>;

const PastAlertException = AlertException.extend({ endedAt: z.string(), endedBy: z.string().nullable() });
export type PastAlertException = z.infer<typeof PastAlertException>;

/** GET /api/alert-exceptions */
export const AlertExceptionList = z.object({
  /** Those that hold, and those whose time is over and about which nobody has decided; soonest over first. */
  current: z.array(AlertException),
  /** Those that a person ended or let go, newest first. */
  past: z.array(PastAlertException),
  /** Vaults that the person may not read and that some are about: these are not in the list. */
  vaultsLeftOut: z.number().int(),
  mayChange: z.boolean(),
});
export type AlertExceptionList = z.infer<typeof AlertExceptionList>;

/** A caller whose touches look like a machine's that reads everything. */
export const Proposal = z.object({
  callerOid: z.string(),
  /** As its tokens name it: a managed identity's path, or an application's id. */
  callerName: z.string(),
  managedIdentity: z.boolean(),
  operations: z.array(ExceptableText),
  vaults: z.array(z.object({ id: z.string(), name: z.string(), path: z.string() })),
  /** Days of the last 30 on which it touched a decoy. */
  days: z.number(),
  touches: z.number(),
  /** Fewest other objects that it touched along with decoys on any of these days, in one vault. */
  leastOthers: z.number(),
  addresses: z.number(),
  first: z.string(),
  last: z.string(),
});
export type Proposal = z.infer<typeof Proposal>;

/** GET /api/alert-exceptions/proposals */
export const ProposalList = z.object({
  proposals: z.array(Proposal),
  readAt: z.string(),
  /** Vaults in which something was observed and that the person may not read: nothing of it is in the list. */
  vaultsLeftOut: z.number().int(),
});
export type ProposalList = z.infer<typeof ProposalList>;

/** Who wrote a row and when, as far as the watchlist tells. */
const Author = z.object({ name: z.string().nullable(), at: z.string().nullable() });

/** A row that lowers alerts, or says so, and that this product did not write. Everything is as the row has it. */
export const ForeignException = z.object({
  /** Id of the row in the watchlist. */
  itemId: z.string(),
  /** Should be an object id; empty = the row names nobody. */
  caller: z.string(),
  /** Should be one of `EXCEPTABLE`; empty = the row names none. */
  operation: z.string(),
  /** Null where what stands there is no place; then `placeText` has it. */
  place: Place.nullable(),
  placeText: z.string(),
  /** ISO; null = not a time. */
  from: z.string().nullable(),
  until: z.string().nullable(),
  /**
   * `lowers`: alerts of these touches are lower now; `later`: from its first day on; `none`: the rules pass it over;
   * `unclear`: its times are written so that only the rules can say.
   */
  effect: z.enum(["lowers", "later", "over", "none", "unclear"]),
  /** Null = the watchlist was not asked, or did not answer. */
  written: z.object({ created: Author, updated: Author }).nullable(),
  /** Why it cannot be taken over: a sentence; null = it can. */
  refusal: z.string().nullable(),
});
export type ForeignException = z.infer<typeof ForeignException>;

/** GET /api/alert-exceptions/foreign */
export const ForeignExceptionList = z.object({
  foreign: z.array(ForeignException),
  /** Further ones that are not in the list. */
  more: z.number().int(),
  /** When the register was read: a change shows in it minutes later. */
  readAt: z.string(),
  /** Vaults that the person may not read and that some are about: these are not in the list. */
  vaultsLeftOut: z.number().int(),
  mayChange: z.boolean(),
});
export type ForeignExceptionList = z.infer<typeof ForeignExceptionList>;

/** Names one row of the watchlist, by the id that the service or somebody gave to it: part of an address, so no slash or dot. */
export const ForeignExceptionRequest = z.strictObject({ itemId: z.string().regex(/^[\w-]{1,64}$/) });
export type ForeignExceptionRequest = z.infer<typeof ForeignExceptionRequest>;

/** A row that was taken over ends so soon unless a person confirms it with a last day. */
export const TAKEN_OVER_DAYS = 14;
