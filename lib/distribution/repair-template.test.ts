import { describe, expect, test } from "vitest";
import { repairTemplate, TEMPLATE_LENGTH_MAX } from "./repair-template.pure";

const IS_VAULT = { field: "type", equals: "Microsoft.KeyVault/vaults" };
const rule = (...leaves: unknown[]) => ({ policyRule: { if: { allOf: [IS_VAULT, ...leaves] } } });
const HAS_TAG = { field: "tags[KVReview]", exists: "true" };
const PUBLISHED = { value: "tags[KVReview]", notEquals: "ReviewNeeded" };
const repair = (template: unknown) => repairTemplate(JSON.stringify(template), "ReviewNeeded");

describe("a template whose condition cannot work", () => {
  test("is repaired in its one leaf, and both faults are named with their place", () => {
    const { repaired, findings } = repair({ resources: [{ properties: rule(HAS_TAG, PUBLISHED) }] });
    expect(repaired).toEqual({
      resources: [{ properties: rule(HAS_TAG, { field: "tags[KVReview]", equals: "ReviewNeeded" }) }],
    });
    const path = "resources[0].properties.policyRule.if.allOf[2]";
    expect(findings).toMatchObject([
      { fault: "literal", path },
      { fault: "inverted", path, after: '{"field":"tags[KVReview]","equals":"ReviewNeeded"}' },
    ]);
  });

  test("is repaired where only one of the two was", () => {
    const half = rule({ field: "tags['KVReview']", notEquals: "reviewneeded" });
    expect(repair(half).findings.map(({ fault }) => fault)).toEqual(["inverted"]);
  });

  test("keeps everything else, and a sound one is left alone", () => {
    const sound = rule(
      { field: "tags['KVReview']", notEquals: "Reviewed" },
      { value: "[field('tags')]", exists: "true" },
    );
    expect(repair(sound)).toEqual({ findings: [], remarks: [], repaired: sound });
  });

  test("hears what is unwise about its tag policy", () => {
    const operations = [{ operation: "addOrReplace", field: "tags['KVReview']", value: "ReviewNeeded" }];
    const roleDefinitionIds = ["/providers/x/b24988ac-6180-42a0-ab88-20f7382dd24c"];
    expect(repair({ details: { operations, roleDefinitionIds } }).remarks).toEqual([
      "tags_without_asking",
      "overwrites",
      "more_rights_than_needed",
    ]);
  });
});

test.each([
  ["no JSON", "{", SyntaxError],
  ["too long", JSON.stringify("x".repeat(TEMPLATE_LENGTH_MAX)), RangeError],
  ["too deep", `${"[".repeat(200)}${"]".repeat(200)}`, RangeError],
])("what is %s is refused", (_, text, error) => {
  expect(() => repairTemplate(text, "ReviewNeeded")).toThrow(error);
});
