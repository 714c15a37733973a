import type { BoardRow } from "@/lib/coverage/board.pure";
import type { PolicyNames } from "./policies.pure";

type State = BoardRow["state"];

/** What marking a vault as reviewed asks of Azure: less than writing the vault. */
export const TAGS_WRITE = "Microsoft.Resources/tags/write";
export const MAY_NOT_TAG =
  "You may not write the tags of this vault. Ask an administrator of the vault for the role Tag Contributor on it.";

/** A vault that was red for so long has its review undone. Milliseconds. */
export const RED_FOR_MS = 24 * 60 * 60 * 1000;

/** What a vault's review tag says; `other` is a value of somebody's own. Azure ignores case here, and so do we. */
export type TagSays = "reviewed" | "needs_review" | "other" | "missing";

type Values = Pick<PolicyNames, "needsReview" | "reviewed">;

/** What the value of the tag means; undefined = the vault does not have it. */
export function tagSays(value: string | undefined, { needsReview, reviewed }: Values): TagSays {
  if (value === undefined) return "missing";
  const said = value.toLowerCase();
  if (said === reviewed.toLowerCase()) return "reviewed";
  return said === needsReview.toLowerCase() ? "needs_review" : "other";
}

/** The value of a tag, whose name Azure compares without case; undefined when there is none. */
export function tagValue(tags: Readonly<Record<string, string>>, tagName: string): string | undefined {
  const wanted = tagName.toLowerCase();
  return Object.entries(tags).find(([name]) => name.toLowerCase() === wanted)?.[1];
}

/** Whether a vault may be called reviewed: it is proven, or somebody decided that it needs no honeytoken. */
export function mayBeReviewed(state: State): boolean {
  return state === "protected" || state === "exempt";
}

/** Reviewed, by hand or from better days, on a vault that is not green. */
export function isDrift(state: State, says: TagSays): boolean {
  return says === "reviewed" && !mayBeReviewed(state);
}

export interface ReviewStep {
  /** What to write; undefined = the tag stays as it is. */
  write: "reviewed" | "needsReview" | undefined;
  /** Since when the vault is red, as far as was seen; undefined = it is not. */
  redSince: Date | undefined;
}

/**
 * What is to be done about one vault's tag. Green or exempt makes it Reviewed; red for 24 hours makes it ReviewNeeded,
 * whatever somebody wrote there; unknown and waiting change nothing, not even how long it has been red.
 */
export function reviewStep({
  state,
  says,
  redSince,
  now,
}: {
  state: State;
  says: TagSays;
  redSince: Date | undefined;
  now: Date;
}): ReviewStep {
  if (mayBeReviewed(state)) return { write: says === "reviewed" ? undefined : "reviewed", redSince: undefined };
  if (state !== "unprotected") return { write: undefined, redSince };
  const since = redSince ?? now;
  const due = now.getTime() - since.getTime() >= RED_FOR_MS && says !== "needs_review";
  return { write: due ? "needsReview" : undefined, redSince: since };
}
