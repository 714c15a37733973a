import { z } from "zod";

/*
 * The policy pair behind the recommendation: one writes a tag that asks for a review onto each vault that has none, the
 * other flags a vault until its tag says that there was one. Comparisons of Azure Policy ignore case, and a tag that is
 * missing differs from every value, so what nobody reviewed and what somebody mistyped is flagged as well.
 */

/** Part of a tag. Quotes, brackets and signs that nobody sees would need escapes in a policy's expressions. */
const tagText = (max: number) =>
  z
    .string()
    .trim()
    .min(1, "Give a text.")
    .max(max, `At most ${max} characters.`)
    .regex(/^[^'"[\]<>%&\\?/\p{C}]+$/u, "No quotes, brackets or signs such as < > % & ? and /.");
const title = (max: number) => z.string().trim().min(1, "Give a text.").max(max, `At most ${max} characters.`);
/** Part of an ARM id. That of an assignment at a management group has 24 characters at most. */
const name = (max: number) =>
  title(max).regex(/^[A-Za-z0-9 _-]+$/, "Only letters, digits, spaces, underscores and hyphens.");
const ASSIGNMENT_NAME_MAX = 24;

/** What the pair is called and says. Every Reader of the scope sees all of it. */
export const PolicyNames = z
  .strictObject({
    tagName: tagText(512),
    needsReview: tagText(256),
    reviewed: tagText(256),
    /** Names of the two definitions and of the initiative, part of their ids; of the assignments too. */
    tagPolicyName: name(ASSIGNMENT_NAME_MAX),
    auditPolicyName: name(64),
    initiativeName: name(ASSIGNMENT_NAME_MAX),
    tagPolicyTitle: title(128),
    auditPolicyTitle: title(128),
    initiativeTitle: title(128),
    /** Shown in Defender for Cloud and in Azure Policy. */
    category: title(128),
    description: title(512),
  })
  .refine(({ needsReview, reviewed }) => !sameText(needsReview, reviewed), {
    path: ["reviewed"],
    message: "Give two different values; Azure ignores case.",
  })
  .refine(({ tagPolicyName, auditPolicyName }) => !sameText(tagPolicyName, auditPolicyName), {
    path: ["auditPolicyName"],
    message: "Give two different names; Azure ignores case.",
  })
  .refine(({ tagPolicyName, initiativeName }) => !sameText(tagPolicyName, initiativeName), {
    path: ["initiativeName"],
    message: "Give two different names; Azure ignores case.",
  });
export type PolicyNames = z.infer<typeof PolicyNames>;

function sameText(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The address that owners open, bare: markup in a remediation text is not promised to be rendered. */
export const RecommendationLink = z
  .url({ protocol: /^https?$/, message: "Give an address that begins with https://." })
  .max(512, "At most 512 characters.");

export type PolicyOptions = PolicyNames & { link: string };

/** The board of a person's own vaults in one list, those that wait for a review first. */
export const REVIEW_VIEW = "/vaults?mine=true&sort=flagged&grouped=false";

/** Names that tell nobody what is behind them: tags, definitions and their texts are open to every Reader. */
export const NEUTRAL_NAMES: PolicyNames = {
  tagName: "KeyVaultReview",
  needsReview: "ReviewNeeded",
  reviewed: "Reviewed",
  tagPolicyName: "key-vault-review-tag",
  auditPolicyName: "key-vault-review",
  initiativeName: "key-vault-reviews",
  tagPolicyTitle: "Key vaults carry a review tag",
  auditPolicyTitle: "Key vaults should be reviewed by their owners",
  initiativeTitle: "Key vault reviews",
  category: "Key Vault",
  description: "Flags a key vault until its owner has reviewed how it is monitored.",
};

/** The names of Microsoft's earlier solution, for tenants whose tags and reports already use them. */
export const FAMILIAR_NAMES: PolicyNames = {
  ...NEUTRAL_NAMES,
  tagName: "KVReview",
  tagPolicyName: "KVReviewTag",
  auditPolicyName: "KeyVault HoneyTokens",
  initiativeName: "HoneyTokens",
  tagPolicyTitle: "Key vaults carry the tag KVReview",
  auditPolicyTitle: "Key vaults should hold a honeytoken",
  initiativeTitle: "Honeytokens",
  category: "Deception",
  description: "Flags a key vault until its owner has reviewed its honeytoken.",
};

/** Built-in role that may write tags and nothing else of a vault. */
export const TAG_CONTRIBUTOR = "4a9ae827-6dc8-4573-8ac7-8239d42aa03f";

interface PolicyParameter {
  type: "String";
  defaultValue: string;
  allowedValues: string[];
  metadata: { displayName: string; description: string };
}

/** A policy definition as ARM takes it, in its `properties`. */
export interface PolicyDefinition {
  policyType: "Custom";
  mode: "Indexed";
  displayName: string;
  description: string;
  metadata: Record<string, unknown>;
  parameters: Record<string, PolicyParameter>;
  policyRule: Record<string, unknown>;
}

const OUTCOME = "then";
const VERSION = "1.0.0";
const IS_VAULT = { field: "type", equals: "Microsoft.KeyVault/vaults" };

/** Filled in by name, since a literal with a property `then` is taken for a promise by whoever reads the code. */
function policyRule(allOf: readonly unknown[], outcome: Record<string, unknown>): Record<string, unknown> {
  const rule: Record<string, unknown> = { if: { allOf } };
  rule[OUTCOME] = outcome;
  return rule;
}

/**
 * Adds the tag where there is none: never over a value that somebody set, or a review would be undone. Its assignment
 * needs an identity with the role Tag Contributor.
 */
export function tagPolicy({ tagName, needsReview, tagPolicyTitle, category }: PolicyNames): PolicyDefinition {
  const field = `tags['${tagName}']`;
  return {
    policyType: "Custom",
    mode: "Indexed",
    displayName: tagPolicyTitle,
    description: `Adds the tag ${tagName} to key vaults that do not have it.`,
    metadata: { category, version: VERSION },
    parameters: {},
    policyRule: policyRule([IS_VAULT, { field, exists: "false" }], {
      effect: "modify",
      details: {
        roleDefinitionIds: [`/providers/Microsoft.Authorization/roleDefinitions/${TAG_CONTRIBUTOR}`],
        operations: [{ operation: "add", field, value: needsReview }],
      },
    }),
  };
}

/** Flags a vault until its tag says Reviewed, and an untagged one. */
export function auditPolicy(options: PolicyOptions): PolicyDefinition {
  const { tagName, reviewed, auditPolicyTitle, category, description, link } = options;
  return {
    policyType: "Custom",
    mode: "Indexed",
    displayName: auditPolicyTitle,
    description,
    metadata: {
      category,
      version: VERSION,
      securityCenter: { RemediationDescription: remediation(link), Severity: "Medium" },
    },
    parameters: {
      effect: {
        type: "String",
        defaultValue: "Audit",
        allowedValues: ["Audit", "Disabled"],
        metadata: { displayName: "Effect", description: "Whether vaults are looked at." },
      },
    },
    policyRule: policyRule([IS_VAULT, { field: `tags['${tagName}']`, notEquals: reviewed }], {
      effect: "[parameters('effect')]",
    }),
  };
}

function remediation(link: string): string {
  return `Open this address, look at your vaults and follow what each of them asks for: ${link}`;
}

/** An initiative as ARM takes it, in its `properties`. */
export interface PolicySet {
  policyType: "Custom";
  displayName: string;
  description: string;
  metadata: Record<string, unknown>;
  parameters: Record<string, never>;
  policyDefinitions: {
    policyDefinitionId: string;
    policyDefinitionReferenceId: string;
    parameters: Record<string, never>;
  }[];
}

/**
 * The initiative that Defender for Cloud shows as a standard of its own (`ASC`). It holds the audit policy only: as a member
 * the tag policy would be a second recommendation that no owner can do anything about.
 *
 * @param auditPolicyId ARM id of the definition, or an ARM expression that gives it
 */
export function initiative(
  { initiativeTitle, category, description, auditPolicyName }: PolicyNames,
  auditPolicyId: string,
): PolicySet {
  return {
    policyType: "Custom",
    displayName: initiativeTitle,
    description,
    metadata: { ASC: "true", category, version: VERSION },
    parameters: {},
    policyDefinitions: [
      { policyDefinitionId: auditPolicyId, policyDefinitionReferenceId: auditPolicyName, parameters: {} },
    ],
  };
}
