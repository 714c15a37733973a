import {
  CheckmarkCircleRegular,
  ClockRegular,
  ErrorCircleRegular,
  QuestionCircleRegular,
  ShieldCheckmarkRegular,
  WarningRegular,
} from "@fluentui/react-icons";
import type { Look } from "@/components/ui/state-badge";
import {
  type AlertException,
  DAYS_MAX,
  type Exceptable,
  type ForeignException,
  REASON_MIN,
} from "@/lib/detection/alert-exceptions.pure";

/** Each operation as people say it, the log's own name behind it. */
export const OPERATION_WORDS: Record<Exceptable, string> = {
  SecretGet: "Read secrets (SecretGet)",
  SecretListVersions: "List a secret's versions (SecretListVersions)",
  SecretBackup: "Back up secrets (SecretBackup)",
  KeyGet: "Read keys' public parts (KeyGet)",
  KeyListVersions: "List a key's versions (KeyListVersions)",
  KeyBackup: "Back up keys (KeyBackup)",
  CertificateGet: "Read certificates (CertificateGet)",
  CertificateListVersions: "List a certificate's versions (CertificateListVersions)",
  CertificateBackup: "Back up certificates (CertificateBackup)",
};

export const REASON_HINT = `At least ${REASON_MIN} characters: how you know that this is not a thief.`;
export const LAST_DAY = { label: "Last day (UTC)", hint: `${DAYS_MAX} days at most; it is over by itself then.` };

const PUBLICATION_LOOK: Record<AlertException["publication"], Look> = {
  published: { word: "In effect", tone: "good", icon: ShieldCheckmarkRegular },
  waiting: { word: "Being published", tone: "busy", icon: ClockRegular },
  failed: { word: "Not published", tone: "bad", icon: ErrorCircleRegular },
};
const REVIEW_LOOK: Record<NonNullable<AlertException["review"]>, Look> = {
  over: { word: "Over: decide", tone: "apart", icon: QuestionCircleRegular },
  ending: { word: "Ends soon", tone: "apart", icon: ClockRegular },
  unconfirmed: { word: "To be confirmed", tone: "bad", icon: QuestionCircleRegular },
};

/** What a row that is not ours does to alerts. */
export const EFFECT_LOOK: Record<ForeignException["effect"], Look> = {
  lowers: { word: "Lowers alerts now", tone: "bad", icon: ErrorCircleRegular },
  later: { word: "Lowers alerts later", tone: "warn", icon: ClockRegular },
  over: { word: "Lowers none any more", tone: "neutral", icon: CheckmarkCircleRegular },
  none: { word: "Lowers none: the rules pass it over", tone: "neutral", icon: CheckmarkCircleRegular },
  unclear: { word: "May lower alerts", tone: "warn", icon: WarningRegular },
};

/** An operation as people say it where it is one that can be lowered; else as the row has it. */
export function operationWords(operation: string): string {
  const known = Object.entries(OPERATION_WORDS).find(([name]) => name.toLowerCase() === operation.toLowerCase());
  return known?.[1] ?? operation;
}

/** What stands out about an exception: that a person is wanted before that it is in effect. */
export function looksOf({ publication, review, from }: AlertException, now: number): Look[] {
  const begun: Look =
    publication === "published" && Date.parse(from) > now && now > 0
      ? { word: "Begins later", tone: "neutral", icon: ClockRegular }
      : PUBLICATION_LOOK[publication];
  if (review === "over") return publication === "published" ? [REVIEW_LOOK.over] : [REVIEW_LOOK.over, begun];
  return review === null ? [begun] : [REVIEW_LOOK[review], begun];
}

/** Where it holds, in a line. */
export function placeWords({ level, vault, decoy }: AlertException["place"]): { what: string; detail: string } {
  if (level === "everywhere" || !vault) return { what: "Everywhere", detail: "Every honeytoken of every vault" };
  if (level === "vault") return { what: vault.name, detail: "Every honeytoken of the vault" };
  return { what: decoy ?? "", detail: `One honeytoken in ${vault.name}` };
}

const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });

/** The last day (UTC) of an exception that is over at `until`. */
export function lastDayOf(until: string): string {
  return DAY.format(Date.parse(until) - 1);
}
