import { z } from "zod";

/** Changes of the published register in the present month (UTC), as counted by this product. */
export const QuotaView = z.object({
  used: z.number(),
  limit: z.number(),
  /** Part of the limit that bulk work may not use. */
  reserved: z.number(),
  /** As 2026-11. */
  month: z.string(),
  resetsAt: z.string(),
});
export type QuotaView = z.infer<typeof QuotaView>;

export const DRIFT_KINDS = [
  "exception_foreign",
  "deleted",
  "disabled",
  "expired",
  "missing",
  "changed",
  "foreign",
  "duplicate",
  "leftover",
  "exception_changed",
  "exception_missing",
  "expiring",
] as const;
export const DriftKindText = z.enum(DRIFT_KINDS);
export type DriftKind = z.infer<typeof DriftKindText>;

/** What a repair does: null = nothing here can be repaired by the product itself. */
export const REPAIRS = {
  deleted: "mark",
  disabled: "mark",
  expired: "mark",
  missing: "publish",
  changed: "publish",
  foreign: "adopt",
  duplicate: "remove_row",
  leftover: "remove_row",
  exception_foreign: "remove_exception",
  exception_changed: "publish_exception",
  exception_missing: "publish_exception",
  expiring: null,
} as const satisfies Record<
  DriftKind,
  "mark" | "publish" | "adopt" | "remove_row" | "remove_exception" | "publish_exception" | null
>;

const Finding = z.object({
  id: z.string(),
  kind: DriftKindText,
  vault: z.object({ name: z.string(), path: z.string() }),
  /** Null where it is about the row of an exception. */
  objectKind: z.enum(["secret", "key"]).nullable(),
  name: z.string(),
  /** Sentence. */
  detail: z.string(),
  foundAt: z.string(),
  /** Its repair was asked for and is not done yet. */
  repairing: z.boolean(),
  /** Why the last repair failed: a sentence. */
  problem: z.string().nullable(),
  /** Somebody has decided about it, and it is still so. */
  handledAt: z.string().nullable(),
  note: z.string().nullable(),
});
export type Finding = z.infer<typeof Finding>;

export const RegisterView = z.object({
  quota: QuotaView,
  /** Decoys of our register by state. */
  counts: z.object({
    registered: z.number(),
    planting: z.number(),
    live: z.number(),
    retiring: z.number(),
    retired: z.number(),
    failed: z.number(),
  }),
  /** Whether the reader may repair. */
  mayRepair: z.boolean(),
  comparedAt: z.string().nullable(),
  comparing: z.boolean(),
  /** Why the last comparison could not be made: a sentence. */
  problem: z.string().nullable(),
  /** Vaults with findings that the person may not read: theirs are neither counted nor shown in `drift`. */
  vaultsLeftOut: z.number().int(),
  /** In the order of DRIFT_KINDS; only kinds that were found. `findings` holds the oldest of each. */
  drift: z.array(z.object({ kind: DriftKindText, total: z.number(), open: z.number(), findings: z.array(Finding) })),
});
export type RegisterView = z.infer<typeof RegisterView>;

export const ROW_PROBLEMS = [
  "placeholder",
  "not a vault",
  "not a name",
  "not a key or secret",
  "unknown state",
  "key does not match",
] as const;
/** Why a row cannot be used, in words that name neither vault nor decoy. */
export type RowProblem = (typeof ROW_PROBLEMS)[number];

/** What an import of the published register would do. */
export const ImportPreview = z.object({
  rows: z.number(),
  /** Decoys that would come in. */
  fresh: z.number(),
  /** Objects that the register has already, and rows of plantings under way. */
  known: z.number(),
  planting: z.number(),
  /** Rows that name an object once more: one of them counts. */
  repeated: z.number(),
  /** Of these, how many name it in another casing. */
  otherCasing: z.number(),
  /** Names that occur in more than one vault; both come in. */
  sharedNames: z.number(),
  /** Rows of the older four-column form. */
  older: z.number(),
  problems: z.array(z.object({ problem: z.enum(ROW_PROBLEMS), rows: z.number() })),
});
export type ImportPreview = z.infer<typeof ImportPreview>;

export const ImportResult = z.object({ imported: z.number() });
export type ImportResult = z.infer<typeof ImportResult>;

/** One finding, or all of a kind. */
export const RepairRequest = z.union([
  z.strictObject({ id: z.string().max(64) }),
  z.strictObject({ kind: DriftKindText }),
]);
export type RepairRequest = z.infer<typeof RepairRequest>;

export const LeaveRequest = z.strictObject({
  id: z.string().max(64),
  note: z.string().trim().min(3, "Say in a few words why it may stay.").max(300),
});
export type LeaveRequest = z.infer<typeof LeaveRequest>;
