import { ProhibitedRegular, ShieldDismissRegular } from "@fluentui/react-icons";
import type { Look } from "@/components/ui/state-badge";
import { parseScope } from "@/lib/azure/scope.pure";
import type { ExceptionKind } from "@/lib/exceptions/exceptions.pure";

export const KIND_LOOK: Record<ExceptionKind, Look> = {
  exemption: { word: "Exempt", tone: "apart", icon: ShieldDismissRegular },
  exclusion: { word: "Left out", tone: "neutral", icon: ProhibitedRegular },
};

/** What each kind means, for the form. */
export const KIND_CHOICE: Record<ExceptionKind, string> = {
  exemption: "Exempt: needs no honeytoken, and is shown as exempt",
  exclusion: "Left out: nightly plans and work on all vaults pass it by; its state stays",
};

const LEVEL: Record<NonNullable<ReturnType<typeof parseScope>>["level"], string> = {
  vault: "Vault",
  group: "Resource group",
  subscription: "Subscription",
};

/** A scope in words: what it is and its own name; of a subscription its id, since a scope says no more. */
export function scopeWords(scope: string): { level: string; name: string; isSubscription: boolean } {
  const level = parseScope(scope)?.level ?? "vault";
  return {
    level: LEVEL[level],
    name: scope.slice(scope.lastIndexOf("/") + 1),
    isSubscription: level === "subscription",
  };
}

const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
const DAY_MS = 24 * 60 * 60 * 1000;

/** The last day (UTC) of an exception that is over at `until`. */
export function lastDayOf(until: string): string {
  return DAY.format(Date.parse(until) - 1);
}

/** How much of it is left: "today", "1 day left", "12 days left". `now` in milliseconds. */
export function timeLeft(until: string, now: number): string {
  const days = Math.floor((Date.parse(until) - now) / DAY_MS);
  if (days < 1) return "less than a day left";
  return days === 1 ? "1 day left" : `${days} days left`;
}
