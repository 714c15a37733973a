import { iso } from "../arm/respond";
import type { Context } from "../context";
import { alertId } from "../defender/alert-store";
import { currentProperties } from "../defender/alerts";
import { assessmentId, portalLink } from "../defender/assessments";
import { assessmentsAt } from "../defender/evaluate";
import { type AssessmentMetadata, metadataProperties } from "../defender/metadata";
import { PLANS, settingOf } from "../defender/plans";
import { pricingProperties } from "../defender/pricings";
import { scoreControls, secureScore } from "../defender/secure-scores";
import { findingsAt } from "../defender/sub-assessments";
import type { Shape } from "./shape";

/*
 * The table `securityresources`. It has no attack paths: nothing in the simulated estate leads from one resource to
 * another, and an empty answer is what a tenant without such paths gets.
 */

export function securityRows(context: Context): Shape[] {
  return [
    ...assessmentRows(context),
    ...subAssessmentRows(context),
    ...alertRows(context),
    ...[...context.model.subscriptions.values()].flatMap(({ id }) => subscriptionRows(context, id)),
  ];
}

function assessmentRows(context: Context): Shape[] {
  // One object for all rows of a recommendation: a large estate has tens of thousands of rows.
  const shown = new Map<AssessmentMetadata, object>();
  return assessmentsAt(context, "").map((assessment) => {
    const { metadata, resourceId, code, cause, description, additionalData } = assessment;
    let details = shown.get(metadata);
    if (!details) {
      const category = metadata.recommendationCategory;
      details = {
        ...metadataProperties(metadata),
        ...(category === undefined ? {} : { recommendationCategory: category }),
      };
      shown.set(metadata, details);
    }
    return {
      id: assessmentId(assessment),
      name: assessment.name,
      type: "Microsoft.Security/assessments",
      action: "Microsoft.Security/assessments/read",
      properties: {
        resourceDetails: { Source: "Azure", Id: resourceId, ResourceType: typeOf(resourceId) },
        displayName: metadata.displayName,
        status: {
          code,
          ...(cause === undefined ? {} : { cause }),
          ...(description === undefined ? {} : { description }),
          firstEvaluationDate: iso(assessment.firstEvaluatedAt),
          statusChangeDate: iso(assessment.changedAt),
        },
        ...(additionalData === undefined ? {} : { additionalData }),
        links: { azurePortal: portalLink(assessment) },
        metadata: details,
      },
    };
  });
}

/** `vaults` of `/.../Microsoft.KeyVault/vaults/kv`; a subscription says so. */
function typeOf(resourceId: string): string {
  const segments = resourceId.split("/");
  return segments.length <= 3 ? "subscription" : (segments.at(-2) ?? "");
}

function subAssessmentRows(context: Context): Shape[] {
  return findingsAt(context, "").map((finding) => ({
    ...finding,
    action: "Microsoft.Security/assessments/subAssessments/read",
  }));
}

function alertRows(context: Context): Shape[] {
  return [...context.model.defenderAlerts.values()].map((alert) => ({
    id: alertId(alert),
    name: alert.name,
    type: "Microsoft.Security/locations/alerts",
    action: "Microsoft.Security/alerts/read",
    location: alert.location,
    properties: currentProperties(alert),
  }));
}

function subscriptionRows(context: Context, subscriptionId: string): Shape[] {
  const pricings = PLANS.map((plan) => ({
    id: `/subscriptions/${subscriptionId}/providers/Microsoft.Security/pricings/${plan.name}`,
    name: plan.name,
    type: "Microsoft.Security/pricings",
    action: "Microsoft.Security/pricings/read",
    properties: pricingProperties(context, settingOf(context, subscriptionId, plan), plan),
  }));
  const scored = scoreControls(context, subscriptionId);
  const controls = scored.map(({ body }) => ({ ...body, action: "Microsoft.Security/secureScoreControls/read" }));
  const score = { ...secureScore(scored, subscriptionId), action: "Microsoft.Security/secureScores/read" };
  return [...pricings, score, ...controls];
}
