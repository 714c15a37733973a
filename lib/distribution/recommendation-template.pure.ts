import { auditPolicy, initiative, type PolicyOptions, tagPolicy } from "./policies.pure";

/** Where the pair is deployed: definitions of a management group hold for all subscriptions below it. */
export type TemplateScope = "managementGroup" | "subscription";

const SCHEMAS: Record<TemplateScope, string> = {
  managementGroup: "https://schema.management.azure.com/schemas/2019-08-01/managementGroupDeploymentTemplate.json#",
  subscription: "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#",
};
/** What `resourceId` of the scope is called. Source: template functions of Azure Resource Manager. */
const RESOURCE_ID: Record<TemplateScope, string> = {
  managementGroup: "extensionResourceId(managementGroup().id, ",
  subscription: "subscriptionResourceId(",
};
const DEFINITIONS = "Microsoft.Authorization/policyDefinitions";
const SETS = "Microsoft.Authorization/policySetDefinitions";
/** Newest version that every cloud profile of ours offers. */
const API_VERSION = "2023-04-01";

/** The definitions and the initiative as one ARM template, for who deploys by pipeline or command line. */
export function recommendationTemplate(options: PolicyOptions, scope: TemplateScope): Record<string, unknown> {
  const auditId = `[${RESOURCE_ID[scope]}'${DEFINITIONS}', '${options.auditPolicyName}')]`;
  return {
    $schema: SCHEMAS[scope],
    contentVersion: "1.0.0.0",
    resources: [
      resource(DEFINITIONS, options.tagPolicyName, escaped(tagPolicy(options))),
      resource(DEFINITIONS, options.auditPolicyName, escaped(auditPolicy(options))),
      { ...resource(SETS, options.initiativeName, initiativeWith(options, auditId)), dependsOn: [auditId] },
    ],
  };
}

/** Only the reference to the definition is an expression of the template; texts that look like one are not. */
function initiativeWith(options: PolicyOptions, auditId: string) {
  const { policyDefinitions, ...texts } = initiative(options, auditId);
  return {
    ...Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, escaped(value)])),
    policyDefinitions,
  };
}

function resource(type: string, name: string, properties: unknown): Record<string, unknown> {
  return { type, apiVersion: API_VERSION, name, properties };
}

/** In a template a text in brackets is an expression of the template; one bracket more leaves it to the policy. */
function escaped(value: unknown): unknown {
  if (typeof value === "string") return /^\[.*\]$/s.test(value) ? `[${value}` : value;
  if (Array.isArray(value)) return value.map(escaped);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, escaped(inner)]));
}
