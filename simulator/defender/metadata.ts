import type { Context } from "../context";

/** What an assessment is about, as `assessmentMetadata` and Resource Graph tell it. */
export interface AssessmentMetadata {
  /** GUID: the key of the recommendation. */
  name: string;
  displayName: string;
  description: string;
  remediation: string;
  severity: "Low" | "Medium" | "High";
  userImpact: "Low" | "Moderate" | "High";
  implementationEffort: "Low" | "Moderate" | "High";
  categories: string[];
  threats: string[];
  type: "BuiltIn" | "CustomPolicy" | "CustomerManaged";
  policyDefinitionId?: string;
  /** Only Resource Graph shows it. */
  recommendationCategory?: "ExposedSecrets";
}

const POLICY = "/providers/Microsoft.Authorization/policyDefinitions";

function builtIn(name: string, displayName: string, more: Partial<AssessmentMetadata>): AssessmentMetadata {
  return {
    name,
    displayName,
    description: displayName,
    remediation: "",
    severity: "Medium",
    userImpact: "Low",
    implementationEffort: "Low",
    categories: ["Data"],
    threats: ["dataExfiltration"],
    type: "BuiltIn",
    ...more,
  };
}

/** Recommendations on vaults, on subscriptions and on machines. Keys and policies are Azure's own. */
export const LOGGING = builtIn(
  "88bbc99c-e5af-ddd7-6105-6150b2bfa519",
  "Diagnostic logs in Key Vault should be enabled",
  {
    description: "Keep a vault's log for up to a year, so that what happened can be told after an incident.",
    remediation: "Add a diagnostic setting to the vault that sends the category AuditEvent.",
    severity: "Low",
    policyDefinitionId: `${POLICY}/cf820ca0-f99e-4f3e-84fb-66e913812d21`,
  },
);
export const PURGE_PROTECTION = builtIn(
  "4ed62ae4-5072-f9e7-8d94-51c76c48159a",
  "Key vaults should have deletion protection enabled",
  {
    description: "A vault that can be purged can be lost for good, by accident or on purpose.",
    remediation: "Enable purge protection on the vault. It cannot be switched off again.",
    threats: ["maliciousInsider"],
    policyDefinitionId: `${POLICY}/0b60c0b2-2dc2-4e1c-b5c9-abbed971de53`,
  },
);
export const FIREWALL = builtIn("52f7826a-ace7-3107-dd0d-4875853c1576", "Firewall should be enabled on Key Vault", {
  description: "The firewall of a vault keeps out calls from networks that have no business with it.",
  remediation: "Restrict the vault to selected networks, or disable public access.",
  categories: ["Networking"],
  userImpact: "Moderate",
  policyDefinitionId: `${POLICY}/55615ac9-af46-4a59-874e-391cc3dfb490`,
});
export const PRIVATE_LINK = builtIn(
  "f6b59724-4a05-aa38-33e2-25f15eecf00b",
  "Azure Key Vaults should use private link",
  {
    description:
      "A private endpoint brings a vault into a virtual network, so that its data need not cross the internet.",
    remediation: "Create a private endpoint for the vault.",
    categories: ["Networking"],
    implementationEffort: "Moderate",
    policyDefinitionId: `${POLICY}/a6abeaec-4d90-4a02-805f-6b26c4d3fbe9`,
  },
);
export const DEFENDER_PLAN = builtIn(
  "b1af52e4-e968-4e2b-b6d0-6736c9651f0a",
  "Microsoft Defender for Key Vault should be enabled",
  {
    description: "Defender for Key Vault notices unusual and harmful attempts to reach or misuse a vault.",
    remediation: "Enable the plan of Key Vault for the subscription.",
    severity: "High",
    threats: ["missingCoverage"],
    policyDefinitionId: `${POLICY}/0e6763cc-5078-4e64-889d-ff4d9a839047`,
  },
);
export const VULNERABILITIES = builtIn(
  "1195afff-c881-495e-9bc5-1486211ae03f",
  "Machines should have vulnerability findings resolved",
  {
    description: "Resolve the findings of the vulnerability assessment of a machine.",
    remediation: "Install what the finding names.",
    severity: "Low",
    categories: ["Compute"],
  },
);

/**
 * One recommendation per kind of secret that is found on a machine. Azure publishes no list of their keys: these are of
 * the simulated tenant.
 */
export const EXPOSED_SECRETS: readonly AssessmentMetadata[] = [
  ["0d5c2f0a-52c7-4f0b-9d4e-6a1f6f3c1a01", "storage account connection string", "High"] as const,
  ["0d5c2f0a-52c7-4f0b-9d4e-6a1f6f3c1a02", "SSH private key", "High"] as const,
  ["0d5c2f0a-52c7-4f0b-9d4e-6a1f6f3c1a03", "Azure SQL connection string", "High"] as const,
  ["0d5c2f0a-52c7-4f0b-9d4e-6a1f6f3c1a04", "Entra client secret", "High"] as const,
].map(([name, secret, severity]) =>
  builtIn(name, `Exposed ${secret} on a virtual machine should be removed`, {
    description: `Secret scanning found a ${secret} in a file on the disk of the machine.`,
    remediation: "Revoke the secret where it was issued, move it to a key vault, and delete the file.",
    severity,
    categories: ["Compute"],
    threats: ["accountBreach"],
    recommendationCategory: "ExposedSecrets",
  }),
);

export const BUILT_IN: readonly AssessmentMetadata[] = [
  LOGGING,
  PURGE_PROTECTION,
  FIREWALL,
  PRIVATE_LINK,
  DEFENDER_PLAN,
  VULNERABILITIES,
  ...EXPOSED_SECRETS,
];

/** A control of the secure score: what it is worth, and which recommendations make it up. */
export interface ScoreControl {
  name: string;
  displayName: string;
  maxScore: number;
  assessments: string[];
}

/** Names and worth as the API's own examples have them. */
export const CONTROLS: readonly ScoreControl[] = [
  {
    name: "27b24961-75ba-4fe4-8909-97286d5dd5ee",
    displayName: "Enable auditing and logging",
    maxScore: 1,
    assessments: [LOGGING.name],
  },
  {
    name: "f9d5432b-8f7b-45e9-b90c-e214a30f6a02",
    displayName: "Restrict unauthorized network access",
    maxScore: 4,
    assessments: [FIREWALL.name, PRIVATE_LINK.name],
  },
  {
    name: "99fc8df2-e0f5-40f8-9415-a7f7ca948b5a",
    displayName: "Remediate security configurations",
    maxScore: 4,
    assessments: [PURGE_PROTECTION.name, VULNERABILITIES.name],
  },
  {
    name: "4db8d6cf-075b-4149-a813-da09ca2ae120",
    displayName: "Enable Advanced Threat Protection",
    maxScore: 0,
    assessments: [DEFENDER_PLAN.name],
  },
  {
    name: "76763537-9feb-42d3-b4f4-78c01117be80",
    displayName: "Implement security best practices",
    maxScore: 0,
    assessments: EXPOSED_SECRETS.map(({ name }) => name),
  },
];

/** `properties` of metadata, as the API tells them. */
export function metadataProperties(metadata: AssessmentMetadata) {
  return {
    displayName: metadata.displayName,
    ...(metadata.policyDefinitionId === undefined ? {} : { policyDefinitionId: metadata.policyDefinitionId }),
    description: metadata.description,
    remediationDescription: metadata.remediation,
    categories: metadata.categories,
    severity: metadata.severity,
    userImpact: metadata.userImpact,
    implementationEffort: metadata.implementationEffort,
    threats: metadata.threats,
    assessmentType: metadata.type,
  };
}

/** Metadata of a subscription besides the built-in: what customers wrote there. */
export function customMetadata({ model }: Pick<Context, "model">, subscriptionId: string) {
  return [...model.customMetadata.values()].filter(
    (metadata) => metadata.subscriptionId.toLowerCase() === subscriptionId.toLowerCase(),
  );
}
