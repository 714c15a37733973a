import { z } from "zod";

/* What people may change about an incident, in Sentinel's words; the Defender portal's are translated elsewhere. */

export const STATUSES = ["New", "Active", "Closed"] as const;
export type IncidentStatus = (typeof STATUSES)[number];

export const SEVERITIES = ["High", "Medium", "Low", "Informational"] as const;
export type IncidentSeverity = (typeof SEVERITIES)[number];

export const CLASSIFICATIONS = ["TruePositive", "BenignPositive", "FalsePositive", "Undetermined"] as const;
export type Classification = (typeof CLASSIFICATIONS)[number];

/** The reasons that go with a classification. Source: Microsoft Learn, closing an incident. */
export const REASONS = {
  TruePositive: ["SuspiciousActivity"],
  BenignPositive: ["SuspiciousButExpected"],
  FalsePositive: ["IncorrectAlertLogic", "InaccurateData"],
  Undetermined: [],
} as const satisfies Record<Classification, readonly string[]>;
export const REASON_WORDS = [
  "SuspiciousActivity",
  "SuspiciousButExpected",
  "IncorrectAlertLogic",
  "InaccurateData",
] as const;
export type ClassificationReason = (typeof REASON_WORDS)[number];

/** Characters of a comment at most. Source: Sentinel service limits. */
export const COMMENT_MAX = 30_000;
/** Characters of the words that a closing carries: ours, since Azure documents none. */
export const CLOSING_COMMENT_MAX = 2_000;

/** A person of the directory, by one of the two. `upn` is what the Defender portal knows an owner by. */
const Assignee = z
  .strictObject({
    objectId: z.guid().exactOptional(),
    name: z.string().max(256).exactOptional(),
    upn: z.email("This is not a sign-in name.").max(256).exactOptional(),
  })
  .refine(({ objectId, upn }) => objectId !== undefined || upn !== undefined, "Say who.");

/** `owner: null` = nobody; `labels` are added to those that are there. A field that is left out stays as it is. */
export const IncidentChange = z
  .strictObject({
    status: z.enum(STATUSES).exactOptional(),
    severity: z.enum(SEVERITIES).exactOptional(),
    owner: Assignee.nullable().exactOptional(),
    classification: z.enum(CLASSIFICATIONS).exactOptional(),
    classificationReason: z.enum(REASON_WORDS).exactOptional(),
    classificationComment: z.string().trim().max(CLOSING_COMMENT_MAX).exactOptional(),
    labels: z.array(z.string().trim().min(1).max(100)).max(20).exactOptional(),
    comment: z.string().trim().min(1, "Write something.").max(COMMENT_MAX).exactOptional(),
  })
  .refine((change) => Object.keys(change).length > 0, "Nothing is to be changed.")
  .superRefine((change, context) => {
    const problem = classificationProblem(change);
    if (problem) context.addIssue({ code: "custom", path: [problem.field], message: problem.message });
  });
export type IncidentChange = z.infer<typeof IncidentChange>;

type Closing = Pick<IncidentChange, "status" | "classification" | "classificationReason">;

/** What does not go together in a classification, in words for the person; undefined when all of it does. */
function classificationProblem(change: Closing): { field: string; message: string } | undefined {
  const { status, classification, classificationReason } = change;
  if (status === "Closed" && classification === undefined) {
    return { field: "classification", message: "Say what it was before it is closed." };
  }
  if (status !== undefined && status !== "Closed" && classification !== undefined) {
    return { field: "classification", message: "Only a closed incident has a classification." };
  }
  if (classification === undefined) {
    if (classificationReason === undefined) return undefined;
    return { field: "classificationReason", message: "A reason goes with a classification." };
  }
  const fitting: readonly string[] = REASONS[classification];
  const fits = classificationReason === undefined ? fitting.length === 0 : fitting.includes(classificationReason);
  if (fits) return undefined;
  return { field: "classificationReason", message: `Choose a reason that goes with ${classification}.` };
}

/** An incident as it stands, wherever it is kept. Texts in it may be anybody's. */
export interface IncidentState {
  /** Changes whenever anything below or the comments do; handed back with a change, so that none is lost. */
  etag: string;
  status: IncidentStatus;
  severity: IncidentSeverity;
  owner?: { objectId?: string; name?: string; upn?: string };
  classification?: Classification;
  classificationReason?: ClassificationReason;
  classificationComment?: string;
  labels: string[];
  /** ISO 8601, UTC. */
  modifiedAt: string;
}

/** An incident is changed by its GUID, on the state that the person has seen. */
export const ChangeInput = z.strictObject({ id: z.guid(), etag: z.string().min(1).max(200), change: IncidentChange });
export type ChangeInput = z.infer<typeof ChangeInput>;
