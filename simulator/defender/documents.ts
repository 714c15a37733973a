import type { State } from "../state";

/*
 * The documents of Microsoft Defender for Cloud. Most of what it tells is worked out from the estate when somebody asks;
 * kept are only the alerts, what people have written, and what was done about alerts.
 */

export type AlertSeverity = "Informational" | "Low" | "Medium" | "High";
export type AlertStatus = "Active" | "InProgress" | "Resolved" | "Dismissed";

export interface DefenderAlert {
  /** `{subscription}/{location}/{name}`. Key. */
  subscriptionId: string;
  /** Of the resource; absent for an alert about a whole subscription. */
  resourceGroup?: string;
  /** Where the subscription's security data lie. */
  location: string;
  /** Ticks counted down, `_`, GUID: later alerts sort first. */
  name: string;
  alertType: string;
  displayName: string;
  description: string;
  severity: AlertSeverity;
  /** Stage of the kill chain, `CredentialAccess`. */
  intent: string;
  techniques: string[];
  subTechniques: string[];
  startTime: number;
  endTime: number;
  generatedAt: number;
  processedAt: number;
  status: AlertStatus;
  /** ARM id of what was attacked. */
  resourceId: string;
  compromisedEntity: string;
  remediationSteps: string[];
  entities: Record<string, unknown>[];
  extendedProperties: Record<string, string>;
  /** Name of the suppression rule that dismissed it at once. */
  suppressedBy?: string;
}

/** What somebody set for one plan; plans that were never touched have no document. */
export interface PricingSetting {
  /** `{scope}/{plan}`. Key. */
  scope: string;
  plan: string;
  tier: "Free" | "Standard";
  subPlan?: string;
  enforce?: boolean;
  enabledAt?: number;
  /** First time on Standard: the 30 days of trial count from here. */
  firstEnabledAt?: number;
  extensions?: { name: string; isEnabled: "True" | "False"; additionalExtensionProperties?: Record<string, unknown> }[];
}

export interface SuppressionRule {
  /** `{subscription}/{name}`. Key. */
  subscriptionId: string;
  name: string;
  alertType: string;
  reason: string;
  comment?: string;
  enabled: boolean;
  expiresAt?: number;
  modifiedAt: number;
  /** Conditions on fields of the alert; all of them must hold. */
  allOf: { field: string; in?: string[]; contains?: string }[];
}

export interface AutomationRule {
  propertyJPath: string;
  propertyType: "String" | "Integer" | "Number" | "Boolean";
  expectedValue: string;
  operator: string;
}

export interface SecurityAutomation {
  /** ARM id. Key. */
  id: string;
  name: string;
  location: string;
  tags: Record<string, string>;
  etag: string;
  description: string;
  isEnabled: boolean;
  scopes: { description?: string; scopePath: string }[];
  sources: { eventSource: string; ruleSets: { rules: AutomationRule[] }[] }[];
  /** As given, without the secrets in them. */
  actions: Record<string, string | boolean>[];
}

/** One alert that an automation answered: the tenant has nothing behind an action, so this is what stays of it. */
export interface AutomationRun {
  /** `{automation id}/{alert name}`. Key. */
  automationId: string;
  alertName: string;
  at: number;
  actionTypes: string[];
}

/** Metadata that a customer made for assessments of its own. */
export interface CustomMetadata {
  /** `{subscription}/{name}`. Key. */
  subscriptionId: string;
  name: string;
  properties: Record<string, unknown>;
}

/** An assessment that a customer wrote. */
export interface CustomAssessment {
  /** `{resource id}/{name}`. Key. */
  resourceId: string;
  name: string;
  status: { code: "Healthy" | "Unhealthy" | "NotApplicable"; cause?: string; description?: string };
  additionalData?: Record<string, string>;
  createdAt: number;
  changedAt: number;
}

export interface SecuritySetting {
  /** `{subscription}/{name}`. Key. */
  subscriptionId: string;
  name: string;
  enabled: boolean;
}

export function defenderCollections(state: State) {
  return {
    defenderAlerts: state.collection<DefenderAlert>("defenderAlerts"),
    pricingSettings: state.collection<PricingSetting>("pricingSettings"),
    suppressionRules: state.collection<SuppressionRule>("suppressionRules"),
    securityAutomations: state.collection<SecurityAutomation>("securityAutomations"),
    automationRuns: state.collection<AutomationRun>("automationRuns"),
    customMetadata: state.collection<CustomMetadata>("customMetadata"),
    customAssessments: state.collection<CustomAssessment>("customAssessments"),
    securitySettings: state.collection<SecuritySetting>("securitySettings"),
  };
}
