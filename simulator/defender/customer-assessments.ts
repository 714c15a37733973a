import { z } from "zod";
import type { Context } from "../context";
import type { Assessment } from "./assessment";
import { type AssessmentMetadata, customMetadata } from "./metadata";

const severity = z.enum(["Low", "Medium", "High"]);
const level = z.enum(["Low", "Moderate", "High"]);

const THREATS = [
  ...["accountBreach", "dataExfiltration", "dataSpillage", "maliciousInsider", "elevationOfPrivilege"],
  ...["threatResistance", "missingCoverage", "denialOfService"],
];

/** Metadata as customers may write it. */
export const CustomerMetadata = z.object({
  displayName: z.string().min(1).max(500),
  description: z.string().max(10_000).nullish(),
  remediationDescription: z.string().max(10_000).nullish(),
  categories: z.array(z.enum(["Compute", "Networking", "Data", "IdentityAndAccess", "IoT"])).nullish(),
  severity,
  userImpact: level.nullish(),
  implementationEffort: level.nullish(),
  threats: z.array(z.enum(THREATS)).nullish(),
  assessmentType: z.literal("CustomerManaged"),
});

/** The metadata that customers wrote in a subscription. */
export function customerMetadata(context: Pick<Context, "model">, subscriptionId: string): AssessmentMetadata[] {
  return customMetadata(context, subscriptionId).flatMap(({ name, properties }) => {
    const read = CustomerMetadata.safeParse(properties);
    if (!read.success) return [];
    const given = read.data;
    return [
      {
        name,
        displayName: given.displayName,
        description: given.description ?? "",
        remediation: given.remediationDescription ?? "",
        severity: given.severity,
        userImpact: given.userImpact ?? "Low",
        implementationEffort: given.implementationEffort ?? "Low",
        categories: given.categories ?? [],
        threats: given.threats ?? [],
        type: "CustomerManaged" as const,
      },
    ];
  });
}

/** The assessments that customers wrote, where their metadata is still there. */
export function customerAssessments(context: Context): Assessment[] {
  return [...context.model.customAssessments.values()].flatMap((document) => {
    const subscription = document.resourceId.split("/")[2] ?? "";
    const metadata = customerMetadata(context, subscription).find(({ name }) => name === document.name);
    if (!metadata) return [];
    const { cause, description, code } = document.status;
    return [
      {
        resourceId: document.resourceId,
        name: document.name,
        metadata,
        code,
        ...(cause === undefined ? {} : { cause }),
        ...(description === undefined ? {} : { description }),
        firstEvaluatedAt: document.createdAt,
        changedAt: document.changedAt,
        ...(document.additionalData === undefined ? {} : { additionalData: document.additionalData }),
      },
    ];
  });
}
