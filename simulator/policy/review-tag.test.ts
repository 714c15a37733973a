import { beforeEach, describe, expect, test } from "vitest";
import { GROUP, makeVault } from "../arm/test-context";
import type { Json } from "./json";
import { IS_VAULT, makePolicyTenant, POLICY_DELAY, type PolicyTenant } from "./testing/tenant";

/*
 * The policy that asks for a review until a tag says that there was one, in the forms in which it is met: as it is meant,
 * as it was first published (a literal where a field was meant), and that one with only its leaf put right, which leaves
 * the comparison the wrong way round. Every answer is that of the policy states after a scan.
 */

const VALUES: Readonly<Record<string, Record<string, string>>> = {
  missing: {},
  reviewNeeded: { KVReview: "ReviewNeeded" },
  reviewed: { KVReview: "Reviewed" },
  otherCasing: { kvreview: "REVIEWED" },
  other: { KVReview: "Later" },
};

let tenant: PolicyTenant;

beforeEach(() => {
  tenant = makePolicyTenant();
  for (const [name, tags] of Object.entries(VALUES)) {
    const id = `${GROUP}/providers/Microsoft.KeyVault/vaults/${name}`;
    tenant.context.model.vaults.put(id, { ...makeVault(id), tags });
  }
});

async function table(condition: Json): Promise<Record<string, string | undefined>> {
  const id = await tenant.define("review", { allOf: [IS_VAULT, condition] }, { effect: "audit" }, { mode: "All" });
  await tenant.apply("review", id);
  tenant.advance(POLICY_DELAY);
  const states = await tenant.states("review");
  return Object.fromEntries(Object.keys(VALUES).map((name) => [name, states[name]]));
}

describe("the review tag", () => {
  test("flagged until it says Reviewed, in any casing, and when it is missing", async () => {
    expect(await table({ field: "tags['KVReview']", notEquals: "Reviewed" })).toEqual({
      missing: "NonCompliant",
      reviewNeeded: "NonCompliant",
      reviewed: "Compliant",
      otherCasing: "Compliant",
      other: "NonCompliant",
    });
  });

  test("a literal instead of a field flags every vault that has the tag, for ever", async () => {
    const published = [
      { field: "tags[KVReview]", exists: "true" },
      { value: "tags[KVReview]", notEquals: "ReviewNeeded" },
    ];
    expect(await table({ allOf: published })).toEqual({
      missing: "Compliant",
      reviewNeeded: "NonCompliant",
      reviewed: "NonCompliant",
      otherCasing: "NonCompliant",
      other: "NonCompliant",
    });
  });

  test("the comparison the wrong way round passes those that wait and flags those that were reviewed", async () => {
    const inverted = [
      { field: "tags[KVReview]", exists: "true" },
      { field: "tags[KVReview]", notEquals: "ReviewNeeded" },
    ];
    expect(await table({ allOf: inverted })).toEqual({
      missing: "Compliant",
      reviewNeeded: "Compliant",
      reviewed: "NonCompliant",
      otherCasing: "NonCompliant",
      other: "NonCompliant",
    });
  });

  test("an expression over tags that are not there is an error, not a pass", async () => {
    const answers = await table({ value: "[field('tags')['KVReview']]", notEquals: "Reviewed" });
    expect(answers).toMatchObject({ missing: "Error", reviewed: "Compliant", reviewNeeded: "NonCompliant" });
  });
});
