import type { Incident, Severity } from "../sentinel/documents";

/*
 * Graph's words for what Sentinel calls by its own. Source: Microsoft Learn, the security incident and alert resources,
 * and Sentinel's integration with Microsoft Defender XDR.
 */

export const STATUSES = ["active", "resolved", "inProgress"] as const;
export type GraphStatus = (typeof STATUSES)[number];

export const CLASSIFICATIONS = ["unknown", "falsePositive", "truePositive", "informationalExpectedActivity"] as const;
export type GraphClassification = (typeof CLASSIFICATIONS)[number];

/** Both spellings of the pairs that Microsoft's pages name differently. */
export const DETERMINATIONS = [
  ...(["unknown", "apt", "malware", "securityPersonnel", "securityTesting", "unwantedSoftware", "other"] as const),
  ...(["multiStagedAttack", "compromisedAccount", "compromisedUser", "phishing", "maliciousUserActivity"] as const),
  ...(["clean", "notMalicious", "insufficientData", "notEnoughDataToValidate", "confirmedActivity"] as const),
  ...(["confirmedUserActivity", "lineOfBusinessApplication"] as const),
];

export const SEVERITIES = ["informational", "low", "medium", "high"] as const;
export type GraphSeverity = (typeof SEVERITIES)[number];

const TO_STATUS: Readonly<Record<Incident["status"], GraphStatus>> = {
  New: "active",
  Active: "inProgress",
  Closed: "resolved",
};
const FROM_STATUS: Readonly<Record<GraphStatus, Incident["status"]>> = {
  active: "New",
  inProgress: "Active",
  resolved: "Closed",
};
const TO_CLASSIFICATION: Readonly<Record<NonNullable<Incident["classification"]>, GraphClassification>> = {
  Undetermined: "unknown",
  TruePositive: "truePositive",
  BenignPositive: "informationalExpectedActivity",
  FalsePositive: "falsePositive",
};
const TO_SEVERITY: Readonly<Record<Severity, GraphSeverity>> = {
  Informational: "informational",
  Low: "low",
  Medium: "medium",
  High: "high",
};
const FROM_SEVERITY: Readonly<Record<GraphSeverity, Severity>> = {
  informational: "Informational",
  low: "Low",
  medium: "Medium",
  high: "High",
};

export const graphStatus = (status: Incident["status"]): GraphStatus => TO_STATUS[status];
export const sentinelStatus = (status: GraphStatus): Incident["status"] => FROM_STATUS[status];
export const graphSeverity = (severity: Severity): GraphSeverity => TO_SEVERITY[severity];
export const sentinelSeverity = (severity: GraphSeverity): Severity => FROM_SEVERITY[severity];

export function graphClassification(classification: Incident["classification"]): GraphClassification {
  return classification === undefined ? "unknown" : TO_CLASSIFICATION[classification];
}

type Closing = Required<Pick<Incident, "classification">> & Pick<Incident, "classificationReason">;

/** How Sentinel shows what Defender was closed with; the reason follows from classification and determination. */
export function sentinelClosing(classification: GraphClassification, determination: string): Closing {
  switch (classification) {
    case "unknown":
      return { classification: "Undetermined" };
    case "truePositive":
      return { classification: "TruePositive", classificationReason: "SuspiciousActivity" };
    case "informationalExpectedActivity":
      return { classification: "BenignPositive", classificationReason: "SuspiciousButExpected" };
    case "falsePositive": {
      const lacking = determination === "insufficientData" || determination === "notEnoughDataToValidate";
      return {
        classification: "FalsePositive",
        classificationReason: lacking ? "InaccurateData" : "IncorrectAlertLogic",
      };
    }
  }
}
