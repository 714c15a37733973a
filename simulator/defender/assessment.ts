import type { AssessmentMetadata } from "./metadata";

/** What Defender for Cloud says of one resource. */
export interface Assessment {
  /** ARM id of the resource. */
  resourceId: string;
  /** GUID of the recommendation. */
  name: string;
  metadata: AssessmentMetadata;
  code: "Healthy" | "Unhealthy" | "NotApplicable";
  cause?: string;
  description?: string;
  firstEvaluatedAt: number;
  changedAt: number;
  additionalData?: Record<string, string>;
}
