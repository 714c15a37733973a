import type { Classification, ClassificationReason, IncidentSeverity, IncidentStatus } from "./change.pure";

/*
 * Sentinel's words for an incident in those of Microsoft Graph, and back. Source: Microsoft Learn, "Microsoft Defender XDR
 * integration with Microsoft Sentinel", and the resource types incident and alert of Graph's security API.
 */

type GraphStatus = "active" | "resolved" | "inProgress";
type GraphSeverity = "informational" | "low" | "medium" | "high";
type GraphClassification = "unknown" | "falsePositive" | "truePositive" | "informationalExpectedActivity";

type Determination = "unknown" | "other" | "confirmedActivity" | "notMalicious" | "notEnoughDataToValidate";

const STATUS: Readonly<Record<IncidentStatus, GraphStatus>> = {
  New: "active",
  Active: "inProgress",
  Closed: "resolved",
};
const SEVERITY: Readonly<Record<IncidentSeverity, GraphSeverity>> = {
  High: "high",
  Medium: "medium",
  Low: "low",
  Informational: "informational",
};
const CLASSIFICATION: Readonly<Record<Classification, GraphClassification>> = {
  Undetermined: "unknown",
  TruePositive: "truePositive",
  BenignPositive: "informationalExpectedActivity",
  FalsePositive: "falsePositive",
};

export const graphStatus = (status: IncidentStatus) => STATUS[status];
export const graphSeverity = (severity: IncidentSeverity) => SEVERITY[severity];

/**
 * Classification and determination for Graph. Our reasons say less than its determinations: a true positive is `other`,
 * since nobody has said how the caller came by the rights.
 */
export function graphClosing(classification: Classification, reason: ClassificationReason | undefined) {
  return { classification: CLASSIFICATION[classification], determination: determinationOf(classification, reason) };
}

function determinationOf(classification: Classification, reason: ClassificationReason | undefined): Determination {
  switch (classification) {
    case "Undetermined":
      return "unknown";
    case "TruePositive":
      return "other";
    case "BenignPositive":
      return "confirmedActivity";
    case "FalsePositive":
      return reason === "InaccurateData" ? "notEnoughDataToValidate" : "notMalicious";
  }
}

/** Undefined for words that this product does not know: `redirected`, and what came to Graph later. */
export function statusFromGraph(status: string | undefined): IncidentStatus | undefined {
  return wordFor(STATUS, status);
}

export function severityFromGraph(severity: string | undefined): IncidentSeverity | undefined {
  return wordFor(SEVERITY, severity);
}

/** As Sentinel shows what was closed in the Defender portal. */
export function closingFromGraph(
  classification: string | undefined,
  determination: string | undefined,
): { classification: Classification; classificationReason?: ClassificationReason } {
  const word = wordFor(CLASSIFICATION, classification) ?? "Undetermined";
  switch (word) {
    case "Undetermined":
      return { classification: word };
    case "TruePositive":
      return { classification: word, classificationReason: "SuspiciousActivity" };
    case "BenignPositive":
      return { classification: word, classificationReason: "SuspiciousButExpected" };
    case "FalsePositive": {
      const lacking = determination === "notEnoughDataToValidate" || determination === "insufficientData";
      return { classification: word, classificationReason: lacking ? "InaccurateData" : "IncorrectAlertLogic" };
    }
  }
}

function wordFor<Ours extends string>(words: Readonly<Record<Ours, string>>, theirs: string | undefined) {
  for (const ours in words) if (words[ours] === theirs) return ours;
  return undefined;
}
