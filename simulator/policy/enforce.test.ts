import { beforeEach, describe, expect, test } from "vitest";
import { GROUP, VAULT } from "../arm/test-context";
import {
  addTag,
  DAY,
  IS_VAULT,
  MINUTE,
  makePolicyTenant,
  type PolicyTenant,
  SUBSCRIPTION_SCOPE,
  tagPatch,
  tagsOf,
  WITH_IDENTITY,
} from "./testing/tenant";

let tenant: PolicyTenant;

beforeEach(() => {
  tenant = makePolicyTenant();
});

/** In force: assigned five minutes ago. */
async function inForce(name: string, id: string, properties = {}): Promise<void> {
  await tenant.apply(name, id, properties);
  tenant.advance(5 * MINUTE);
}

const tags = () => tenant.context.model.vaults.get(VAULT)?.tags;

describe("modify", () => {
  const missing = { allOf: [IS_VAULT, { field: "tags['KVReview']", exists: "false" }] };

  test("adds what is missing to whatever is written, and leaves what is there", async () => {
    await inForce(
      "tag",
      await tenant.define("tag", missing, { effect: "modify", details: addTag("KVReview", "ReviewNeeded") }),
      WITH_IDENTITY,
    );
    const answer = await tenant.ask("PATCH", tagsOf(VAULT), tagPatch({ team: "a" }));
    expect(answer.body.properties?.tags).toEqual({ team: "a", KVReview: "ReviewNeeded" });
    await tenant.ask("PATCH", tagsOf(VAULT), tagPatch({ KVReview: "Reviewed" }));
    expect(tags()).toEqual({ team: "a", KVReview: "Reviewed" });
    // A write of the vault that leaves the tag out has it put back.
    await tenant.ask("PATCH", VAULT, { tags: {} });
    expect(tags()).toEqual({ KVReview: "ReviewNeeded" });
  });

  test("without a condition on the tag, add stands against another value and addOrReplace undoes it", async () => {
    const id = await tenant.define("tag", IS_VAULT, { effect: "modify", details: addTag("KVReview", "ReviewNeeded") });
    await inForce("tag", id, WITH_IDENTITY);
    const refused = await tenant.ask("PATCH", tagsOf(VAULT), tagPatch({ KVReview: "Reviewed" }));
    expect([refused.status, refused.body.error?.code]).toEqual([403, "RequestDisallowedByPolicy"]);
    expect(tags()).toEqual({});
    await tenant.define("tag", IS_VAULT, {
      effect: "modify",
      details: addTag("KVReview", "ReviewNeeded", "addOrReplace"),
    });
    await tenant.ask("PATCH", tagsOf(VAULT), tagPatch({ KVReview: "Reviewed" }));
    expect(tags()).toEqual({ KVReview: "ReviewNeeded" });
  });

  test("a setting behind a modifiable alias, and a tag that is taken away", async () => {
    const details = addTag("x", "y");
    const open = {
      allOf: [IS_VAULT, { field: "Microsoft.KeyVault/vaults/publicNetworkAccess", notEquals: "Disabled" }],
    };
    const operations = [
      { operation: "addOrReplace", field: "Microsoft.KeyVault/vaults/publicNetworkAccess", value: "Disabled" },
      { operation: "remove", field: "tags['temporary']" },
    ];
    await inForce(
      "shut",
      await tenant.define("shut", open, { effect: "modify", details: { ...details, operations } }),
      WITH_IDENTITY,
    );
    const answer = await tenant.ask("PATCH", VAULT, { tags: { Temporary: "yes", kept: "1" } });
    expect(answer.body.properties?.publicNetworkAccess).toBe("Disabled");
    expect(tags()).toEqual({ kept: "1" });
  });

  test("two policies that want different values: refused, unless the conflict is only to be noted", async () => {
    const operations = (value: string, conflictEffect: string) => ({ ...addTag("env", value), conflictEffect });
    for (const [name, effect] of [
      ["a", "audit"],
      ["b", "audit"],
    ] as const) {
      const id = await tenant.define(name, IS_VAULT, { effect: "modify", details: operations(name, effect) });
      await inForce(name, id, WITH_IDENTITY);
    }
    expect((await tenant.ask("PATCH", tagsOf(VAULT), tagPatch({ t: "1" }))).status).toBe(200);
    expect(tags()).toEqual({ t: "1" });
    await tenant.define("b", IS_VAULT, { effect: "modify", details: operations("b", "deny") });
    expect((await tenant.ask("PATCH", tagsOf(VAULT), tagPatch({ t: "2" }))).status).toBe(403);
    tenant.advance(DAY);
    expect(await tenant.states("a")).toMatchObject({ "kv-one": "Conflict" });
  });
});

describe("deny", () => {
  const noOwner = { allOf: [IS_VAULT, { field: "tags['owner']", exists: "false" }] };

  test("names the policy, and its own message; nothing is stored", async () => {
    const message = "Every vault names its owner.";
    await inForce("owner", await tenant.define("owner", noOwner, { effect: "deny" }), {
      nonComplianceMessages: [{ message }],
    });
    const { status, body } = await tenant.ask("PATCH", tagsOf(VAULT), tagPatch({ team: "a" }));
    expect(status).toBe(403);
    expect(body.error).toMatchObject({
      code: "RequestDisallowedByPolicy",
      target: "kv-one",
      additionalInfo: [
        {
          type: "PolicyViolation",
          info: {
            policyAssignmentName: "owner",
            policyDefinitionEffect: "deny",
            policyAssignmentScope: SUBSCRIPTION_SCOPE,
          },
        },
      ],
    });
    expect(String(body.error?.message)).toContain(message);
    expect(tags()).toEqual({});
    expect((await tenant.ask("PATCH", tagsOf(VAULT), tagPatch({ owner: "kim" }))).status).toBe(200);
  });

  test("is asked about what modify has made of the request", async () => {
    await inForce("owner", await tenant.define("owner", noOwner, { effect: "deny" }));
    await inForce(
      "add",
      await tenant.define("add", noOwner, { effect: "modify", details: addTag("owner", "nobody") }),
      WITH_IDENTITY,
    );
    expect((await tenant.ask("PATCH", tagsOf(VAULT), tagPatch({ team: "a" }))).status).toBe(200);
    expect(tags()).toEqual({ team: "a", owner: "nobody" });
  });

  test.each<[string, object]>([
    ["not enforced", { enforcementMode: "DoNotEnforce" }],
    ["an excluded scope", { notScopes: [GROUP] }],
    ["another location", { resourceSelectors: [{ selectors: [{ kind: "resourceLocation", in: ["northeurope"] }] }] }],
    ["an override to audit", { overrides: [{ kind: "policyEffect", value: "Audit" }] }],
  ])("does not act: %s", async (_, properties) => {
    await inForce("owner", await tenant.define("owner", noOwner, { effect: "deny" }), properties);
    expect((await tenant.ask("PATCH", tagsOf(VAULT), tagPatch({ team: "a" }))).status).toBe(200);
  });

  test("does not act while the assignment is new, nor under an exemption", async () => {
    const assignment = await tenant.apply("owner", await tenant.define("owner", noOwner, { effect: "deny" }));
    expect((await tenant.ask("PATCH", tagsOf(VAULT), tagPatch({ team: "a" }))).status).toBe(200);
    tenant.advance(5 * MINUTE);
    expect((await tenant.ask("PATCH", tagsOf(VAULT), tagPatch({ team: "b" }))).status).toBe(403);
    const exemption = { properties: { policyAssignmentId: assignment, exemptionCategory: "Waiver" } };
    await tenant.ask("PUT", `${VAULT}/providers/Microsoft.Authorization/policyExemptions/later`, exemption);
    expect((await tenant.ask("PATCH", tagsOf(VAULT), tagPatch({ team: "b" }))).status).toBe(200);
  });

  test("a rule that cannot be worked out denies, whatever its effect", async () => {
    const broken = { allOf: [IS_VAULT, { value: "[substring(field('name'), 0, 20)]", equals: "x" }] };
    await inForce("broken", await tenant.define("broken", broken, { effect: "audit" }));
    const { status, body } = await tenant.ask("PATCH", tagsOf(VAULT), tagPatch({ team: "a" }));
    expect(status).toBe(403);
    expect(String(body.error?.message)).toContain("could not be evaluated");
  });

  test("resource groups, by policies of the mode All only", async () => {
    const group = {
      allOf: [
        { field: "type", equals: "Microsoft.Resources/subscriptions/resourceGroups" },
        { field: "tags['owner']", exists: "false" },
      ],
    };
    await inForce("indexed", await tenant.define("indexed", group, { effect: "deny" }));
    expect((await tenant.ask("PATCH", tagsOf(GROUP), tagPatch({ team: "a" }))).status).toBe(200);
    await inForce("all", await tenant.define("all", group, { effect: "deny" }, { mode: "All" }));
    expect((await tenant.ask("PATCH", tagsOf(GROUP), tagPatch({ team: "b" }))).status).toBe(403);
  });
});
