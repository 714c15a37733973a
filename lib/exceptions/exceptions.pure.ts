import { z } from "zod";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import { parseScope, scopesOf } from "@/lib/azure/scope.pure";
import { EXCEPTION_KINDS, type ExceptionKind, VaultException } from "./vault-exception.pure";

export { EXCEPTION_KINDS, type ExceptionKind, VaultException };

export const REASON_MIN = 10;
const DAY = 24 * 60 * 60 * 1000;
const DAYS_MAX = 366;

const reason = z
  .string()
  .trim()
  .min(REASON_MIN, `Say why, in at least ${REASON_MIN} characters.`)
  .max(500, "At most 500 characters.");

const scope = z
  .string()
  .max(400)
  .transform((text, context): string => {
    const parsed = parseScope(text);
    if (parsed) return parsed.id;
    context.addIssue({
      code: "custom",
      message: "This is not the resource id of a key vault, a resource group or a subscription.",
    });
    return z.NEVER;
  });

/** What an administrator asks for; the same schema in the form and in the action. */
export const ExceptionRequest = z.strictObject({
  kind: z.enum(EXCEPTION_KINDS),
  scope,
  reason,
  /** The last day on which it holds, UTC, YYYY-MM-DD. */
  lastDay: z.iso.date("Choose a day."),
});
export type ExceptionRequest = z.infer<typeof ExceptionRequest>;

export const EndExceptionRequest = z.strictObject({ id: z.uuid() });

/** When an exception ends that holds for the whole of `lastDay` (UTC, YYYY-MM-DD). */
export function endOf(lastDay: string): Date {
  return new Date(Date.parse(`${lastDay}T00:00:00Z`) + DAY);
}

/** Why an exception may not last until `lastDay`, in words for the person; undefined when it may. */
export function lastDayProblem(lastDay: string, now: Date): string | undefined {
  const end = endOf(lastDay).getTime();
  if (!(end > now.getTime())) return "This day is over. Choose one that is not.";
  if (end > now.getTime() + DAYS_MAX * DAY) return "An exception lasts one year at most. It can be added again then.";
  return undefined;
}

/** One that is over, and how: ended by a person, or by time. */
const PastException = VaultException.extend({ endedAt: z.string(), endedBy: z.string().nullable() });
export type PastException = z.infer<typeof PastException>;

/** GET /api/exceptions */
export const ExceptionList = z.object({
  /** The one that is over soonest first. */
  active: z.array(VaultException),
  /** Those that were over last, newest first. */
  past: z.array(PastException),
  /** Those of each that are not among them, since the person may read no vault that they are about. */
  leftOut: z.object({ active: z.number().int(), past: z.number().int() }),
  mayChange: z.boolean(),
});
export type ExceptionList = z.infer<typeof ExceptionList>;

/** The exceptions that hold for a vault, of each kind the one of the narrowest scope. */
export type ExceptionsOfVault = Partial<Record<ExceptionKind, VaultException>>;

/** Answers for any vault which of the given exceptions hold there: three look-ups, however many there are. */
export function exceptionIndex(exceptions: readonly VaultException[]): (vaultId: VaultId) => ExceptionsOfVault {
  const byKind: Record<ExceptionKind, Map<string, VaultException>> = { exclusion: new Map(), exemption: new Map() };
  for (const exception of exceptions) byKind[exception.kind].set(exception.scope, exception);
  return (vaultId) => {
    const scopes = scopesOf(vaultId);
    const found: ExceptionsOfVault = {};
    for (const kind of EXCEPTION_KINDS) {
      const holding = scopes.map((one) => byKind[kind].get(one)).find((one) => one !== undefined);
      if (holding) found[kind] = holding;
    }
    return found;
  };
}
