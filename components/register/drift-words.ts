import type { DriftKind } from "@/lib/register/views.pure";

interface Words {
  title: string;
  /** What it means, and what the repair does. */
  text: string;
  /** On the button; null = nothing is repaired from here. */
  repair: string | null;
  /** Another honeytoken has to take its place. */
  replace: boolean;
}

const BROKEN = "The repair marks it as broken, so that its vault stays red until another honeytoken stands in it.";

/** Every kind of difference, in words. */
export const DRIFT_WORDS: Record<DriftKind, Words> = {
  deleted: {
    title: "Deleted by somebody else",
    text: `The honeytoken is no longer in its vault. ${BROKEN}`,
    repair: "Mark as broken",
    replace: true,
  },
  disabled: {
    title: "Disabled by somebody else",
    text: `A disabled honeytoken looks dead to whoever lists the vault. ${BROKEN}`,
    repair: "Mark as broken",
    replace: true,
  },
  expired: {
    title: "Expired",
    text: `Its own expiry has passed. ${BROKEN}`,
    repair: "Mark as broken",
    replace: true,
  },
  missing: {
    title: "Not in the published register",
    text: "No rule watches it while its row is missing. The repair publishes the row again.",
    repair: "Publish again",
    replace: false,
  },
  changed: {
    title: "Published row changed",
    text: "Somebody changed the row that the rules read. The repair publishes ours over it.",
    repair: "Publish ours",
    replace: false,
  },
  foreign: {
    title: "Published by somebody else",
    text: "A live row names a vault and is not in our register. The repair adopts it as a honeytoken of ours; or leave it, with the reason.",
    repair: "Adopt",
    replace: false,
  },
  duplicate: {
    title: "Published twice",
    text: "More than one row names the same object. The repair deletes the extra row; ours stays.",
    repair: "Delete extra row",
    replace: false,
  },
  leftover: {
    title: "Published though retired",
    text: "The honeytoken is retired, or was never planted. The repair deletes its row.",
    repair: "Delete row",
    replace: false,
  },
  exception_foreign: {
    title: "Alert exceptions that nobody confirmed here",
    text: "A row in the published register makes touches of a caller count less, and no exception of ours stands behind it. Find out who added it: it may be an attack. The page Alert exceptions shows who wrote it, and lets you take it over. The repair deletes the row, so that such touches count in full again.",
    repair: "Delete row",
    replace: false,
  },
  exception_changed: {
    title: "Alert exceptions changed by somebody else",
    text: "Somebody changed the published row of a confirmed exception: it may now lower more than was decided. The repair publishes ours over it.",
    repair: "Publish ours",
    replace: false,
  },
  exception_missing: {
    title: "Alert exceptions that are not published",
    text: "Touches of these callers count in full while the row is missing. The repair publishes the row again.",
    repair: "Publish again",
    replace: false,
  },
  expiring: {
    title: "Expires within 30 days",
    text: "It works today. Plan a replacement before it expires; nothing is repaired from here.",
    repair: null,
    replace: true,
  },
};
