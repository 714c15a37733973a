import type { Call } from "../context";
import type { Router } from "../http";
import { routeDefenderAlerts } from "./alerts";
import { routeAssessmentMetadata } from "./assessment-metadata";
import { routeAssessments } from "./assessments";
import { routeAutomations } from "./automations";
import { routeMachines } from "./machine-routes";
import { routePricings } from "./pricings";
import { routeSecureScores } from "./secure-scores";
import { routeSecuritySettings } from "./settings";
import { routeSubAssessments } from "./sub-assessments";
import { routeSuppressionRules } from "./suppression-rules";

/** Microsoft.Security, and of Microsoft.Compute the machines that it assesses. */
export function routeDefender(router: Router<Call>): void {
  for (const route of [
    routePricings,
    routeDefenderAlerts,
    routeAssessments,
    routeAssessmentMetadata,
    routeSubAssessments,
    routeSecureScores,
    routeSuppressionRules,
    routeAutomations,
    routeSecuritySettings,
    routeMachines,
  ]) {
    route(router);
  }
}
