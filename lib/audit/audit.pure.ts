import { z } from "zod";

export const RESULTS = ["ok", "refused", "failed"] as const;
export type AuditResult = (typeof RESULTS)[number];

/** Result texts of refusals begin so; every other text but "ok" says how it failed. */
export const REFUSED = "refused";

export function resultOf(text: string): AuditResult {
  if (text === "ok") return "ok";
  return text.startsWith(REFUSED) ? "refused" : "failed";
}

const words = z.string().trim().max(400).default("");
const day = z.union([z.literal(""), z.iso.date("Choose a day.")]).default("");

/** Which rows of the audit trail, field by field. Empty = not asked for. */
export const AuditFilterFields = z.strictObject({
  /** A part of the name, any casing, or a whole object id. */
  person: words,
  /** A part of the action, like `grant`. */
  action: words,
  /** How the vault's name begins, or a whole resource id. */
  vault: words,
  result: z.union([z.literal(""), z.enum(RESULTS)]).default(""),
  /** First and last day, UTC, YYYY-MM-DD. */
  from: day,
  to: day,
});

/** Days as they stand in the filter are ordered as text. */
const inOrder = ({ from, to }: Pick<z.infer<typeof AuditFilterFields>, "from" | "to">): boolean =>
  from === "" || to === "" || from <= to;
const ORDER = { path: ["to"], message: "The last day is before the first." };

export const AuditFilter = AuditFilterFields.refine(inOrder, ORDER);
export type AuditFilter = z.infer<typeof AuditFilter>;

/** Where a page ends: the time and number of its last row. */
export const AuditCursor = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z_\d{1,18}$/, "This is not the end of a page.");

/** GET /api/audit and /api/audit/export */
export const AuditQuery = AuditFilterFields.extend({ after: AuditCursor.optional() }).refine(inOrder, ORDER);
export type AuditQuery = z.infer<typeof AuditQuery>;

export const AuditRow = z.object({
  id: z.string(),
  at: z.string(),
  who: z.string(),
  /** Empty for what the product did by itself. */
  oid: z.string(),
  action: z.string(),
  vaultId: z.string().nullable(),
  before: z.record(z.string(), z.unknown()),
  after: z.record(z.string(), z.unknown()),
  result: z.string(),
});
export type AuditRow = z.infer<typeof AuditRow>;

/** The deployment that a row is about, where it says one. */
export function deploymentOf({ before, after }: Pick<AuditRow, "before" | "after">): string | undefined {
  return z.uuid().safeParse(after.deployment ?? before.deployment).data;
}

/** Rows newest first; `next` is what to ask for the following page with, null on the last one. */
export const AuditPage = z.object({
  rows: z.array(AuditRow),
  /** Rows of this page that are not among them, since they are about vaults that the person may not read. */
  leftOut: z.number().int(),
  next: z.string().nullable(),
});
export type AuditPage = z.infer<typeof AuditPage>;

export const CSV_COLUMNS = ["time", "who", "object id", "action", "vault", "result", "before", "after"] as const;

/** An audit row as the fields of a CSV line. */
export function csvFields(row: AuditRow): string[] {
  const { at, who, oid, action, vaultId, result, before, after } = row;
  return [at, who, oid, action, vaultId ?? "", result, JSON.stringify(before), JSON.stringify(after)];
}
