import type { IncidentChange, IncidentSeverity, IncidentState, IncidentStatus } from "@/lib/incidents/change.pure";
import type { IncidentView } from "@/lib/incidents/incident.pure";
import { visibleText } from "@/lib/outside-text.pure";
import { ownerWords, VERDICTS, verdictOf } from "./incident-words";

export type OwnerChoice = "keep" | "me" | "other" | "nobody";

/** What a person has entered and not yet saved; what is left out stays as it is. */
export interface Draft {
  status?: IncidentStatus;
  severity?: IncidentSeverity;
  owner?: OwnerChoice;
  /** Sign-in name of another person. */
  upn?: string;
  verdict?: string;
  verdictComment?: string;
  comment?: string;
}

/** The change that a draft asks for, as far as it differs from `state`. */
export function changeFrom(draft: Draft, state: IncidentState, me: IncidentView["me"]): Record<string, unknown> {
  const status = draft.status ?? state.status;
  const chosen = VERDICTS.find(({ key }) => key === draft.verdict);
  const verdict = status === "Closed" ? (chosen ?? verdictOf(state)) : undefined;
  const isNewVerdict = draft.status !== undefined || chosen !== undefined || Boolean(draft.verdictComment);
  return {
    ...(draft.status !== undefined && draft.status !== state.status && { status: draft.status }),
    ...(draft.severity !== undefined && draft.severity !== state.severity && { severity: draft.severity }),
    ...ownerChange(draft, me),
    ...(verdict &&
      isNewVerdict && {
        classification: verdict.classification,
        ...(verdict.classificationReason && { classificationReason: verdict.classificationReason }),
        ...(draft.verdictComment && { classificationComment: draft.verdictComment }),
      }),
    ...(draft.comment?.trim() && { comment: draft.comment }),
  };
}

function ownerChange({ owner, upn = "" }: Draft, me: IncidentView["me"]): Pick<IncidentChange, "owner"> {
  switch (owner) {
    case "me":
      return { owner: { objectId: me.oid, name: me.name, ...(me.upn?.includes("@") && { upn: me.upn }) } };
    case "nobody":
      return { owner: null };
    case "other":
      return { owner: { upn: upn.trim() } };
    default:
      return {};
  }
}

/** What became different while a person was deciding, in words; one sentence where it is nothing that is shown. */
export function differenceWords(seen: IncidentState, now: IncidentState): string[] {
  const found: string[] = [];
  if (seen.status !== now.status) found.push(`Its status is ${now.status} now; it was ${seen.status}.`);
  if (seen.severity !== now.severity) found.push(`Its severity is ${now.severity} now; it was ${seen.severity}.`);
  if (ownerWords(seen) !== ownerWords(now))
    found.push(`Its owner is ${visibleText(ownerWords(now))} now; it was ${visibleText(ownerWords(seen))}.`);
  const [before, after] = [verdictOf(seen)?.words, verdictOf(now)?.words];
  if (before !== after) found.push(after ? `It is classified as ${after} now.` : "It has no classification any more.");
  if (seen.labels.join("\n") !== now.labels.join("\n"))
    found.push(`Its labels are: ${visibleText(now.labels.join(", ")) || "none"}.`);
  return found.length > 0 ? found : ["Nothing in this form differs; there may be a new comment or another alert."];
}
