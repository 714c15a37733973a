import { describe, expect, test } from "vitest";
import { customRecommendation } from "./custom-recommendation.pure";
import { holdsAll } from "./internal/same";
import { auditPolicy, FAMILIAR_NAMES, initiative, NEUTRAL_NAMES, PolicyNames, tagPolicy } from "./policies.pure";
import { recommendationTemplate } from "./recommendation-template.pure";

const OPTIONS = { ...NEUTRAL_NAMES, link: "https://reviews.contoso.test/vaults?mine=true" };

describe("the policy pair", () => {
  test("tags only what has no tag, and never writes over one, with the least role", () => {
    const { policyRule } = tagPolicy(OPTIONS);
    expect(policyRule.if).toMatchObject({ allOf: [{}, { field: "tags['KeyVaultReview']", exists: "false" }] });
    const text = JSON.stringify(policyRule);
    expect(text).toContain(
      '"operations":[{"operation":"add","field":"tags[\'KeyVaultReview\']","value":"ReviewNeeded"}]',
    );
    expect(text).toContain("4a9ae827-6dc8-4573-8ac7-8239d42aa03f");
  });

  test("flags until reviewed, and shows Defender the bare address", () => {
    const { policyRule, metadata } = auditPolicy(OPTIONS);
    expect(policyRule).toMatchObject({
      if: { allOf: [{}, { field: "tags['KeyVaultReview']", notEquals: "Reviewed" }] },
    });
    expect(metadata.securityCenter).toMatchObject({ Severity: "Medium" });
    const text = JSON.stringify(metadata);
    expect(text).toContain(OPTIONS.link);
    expect(text).not.toContain("<");
  });

  test("only the audit policy is in the initiative, which Defender takes for a standard", () => {
    expect(initiative(OPTIONS, "/x")).toMatchObject({ metadata: { ASC: "true" }, policyDefinitions: [{}] });
  });

  test("by their neutral names tell nobody what is behind them; the familiar ones do", () => {
    const words = /honey|decoy|decept|canary|trap/i;
    expect(JSON.stringify([tagPolicy(OPTIONS), auditPolicy(OPTIONS), initiative(OPTIONS, "/x")])).not.toMatch(words);
    expect(JSON.stringify(FAMILIAR_NAMES)).toMatch(words);
  });
});

test.each([
  ["tagName", "a']b"],
  ["tagName", "a\u202Eb"],
  ["tagName", " "],
  ["needsReview", "x[y"],
  ["reviewed", NEUTRAL_NAMES.needsReview.toUpperCase()],
  ["tagPolicyName", "a name that is longer than an assignment's"],
  ["auditPolicyName", "../x"],
  ["auditPolicyName", NEUTRAL_NAMES.tagPolicyName],
  ["description", "x".repeat(513)],
])("a %s of %j is refused at its field", (field, value) => {
  expect(PolicyNames.safeParse({ ...NEUTRAL_NAMES, [field]: value }).error?.issues[0]?.path).toEqual([field]);
});

describe("the template", () => {
  const hostile = { ...OPTIONS, description: "[resourceGroup().location]", initiativeTitle: "[concat('x')]" };

  test("refers to the definition at its scope, and waits for it", () => {
    const [, , set] = resources(recommendationTemplate(OPTIONS, "subscription"));
    const id = "[subscriptionResourceId('Microsoft.Authorization/policyDefinitions', 'key-vault-review')]";
    expect(set).toMatchObject({ dependsOn: [id], properties: { policyDefinitions: [{ policyDefinitionId: id }] } });
    expect(JSON.stringify(recommendationTemplate(OPTIONS, "managementGroup"))).toContain(
      "extensionResourceId(managementGroup().id",
    );
  });

  test("leaves the policy's own expressions to the policy, and takes no text for an expression", () => {
    const text = JSON.stringify(recommendationTemplate(hostile, "subscription"));
    expect(text).toContain("[[parameters('effect')]");
    expect(text).toContain("\"[[concat('x')]\"");
    expect(text.match(/"\[resourceGroup/g)).toBeNull();
  });
});

function resources(template: Record<string, unknown>): unknown[] {
  return Array.isArray(template.resources) ? template.resources : [];
}

test("the query of the custom recommendation cannot be broken out of by a tag's name", () => {
  const query = customRecommendation({ tagName: 'x"] | union T //', reviewed: "Reviewed" });
  expect(query).toContain('Record.tags["x\\u0022\\u005d \\u007c union T //"]');
  expect(query).toContain('iff(Review =~ "Reviewed", "HEALTHY", "UNHEALTHY")');
});

test.each([
  [{ a: 1, extra: true }, { a: 1 }, true],
  [{ a: [1, 2] }, { a: [1] }, false],
  [undefined, { parameters: {} }, false],
  [{ id: "/SUBSCRIPTIONS/x" }, { id: "/subscriptions/X" }, true],
  [{ parameters: undefined }, { parameters: {} }, true],
  [{ displayName: "Key Vault" }, { displayName: "key vault" }, false],
])("what Azure has, %j, holds what is wanted, %j: %s", (found, wanted, holds) => {
  expect(holdsAll(found, wanted)).toBe(holds);
});
