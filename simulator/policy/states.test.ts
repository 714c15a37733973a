import { beforeEach, describe, expect, test } from "vitest";
import { GROUP, GROUP_TWIN, makeVault, OTHER_SUBSCRIPTION, RBAC_VAULT, SUBSCRIPTION, VAULT } from "../arm/test-context";
import { latestStates } from "./states";
import {
  CORP,
  DAY,
  IS_VAULT,
  MINUTE,
  makePolicyTenant,
  POLICY_DELAY,
  type PolicyTenant,
  SUBSCRIPTION_SCOPE,
  tagPatch,
  tagsOf,
} from "./testing/tenant";

const REVIEWED = { allOf: [IS_VAULT, { field: "tags['KVReview']", notEquals: "Reviewed" }] };
const QUERY = `${SUBSCRIPTION_SCOPE}/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults`;
const SUMMARY = `${SUBSCRIPTION_SCOPE}/providers/Microsoft.PolicyInsights/policyStates/latest/summarize`;

let tenant: PolicyTenant;

beforeEach(() => {
  tenant = makePolicyTenant();
});

async function assigned(properties = {}, scope = SUBSCRIPTION_SCOPE): Promise<string> {
  const definition = await tenant.define("review", REVIEWED, { effect: "audit" }, { scope: CORP });
  return tenant.apply("review", definition, properties, scope);
}

describe("scans", () => {
  test("a new assignment has states after its delay, not before", async () => {
    await assigned();
    tenant.advance(POLICY_DELAY - 1);
    expect(await tenant.states("review")).toEqual({});
    tenant.advance(1);
    expect(await tenant.states("review")).toEqual({
      "kv-one": "NonCompliant",
      "kv-rbac": "NonCompliant",
      "kv-two": "NonCompliant",
    });
  });

  test("a changed resource keeps its state until its own delay is over", async () => {
    await assigned();
    tenant.advance(POLICY_DELAY + MINUTE);
    await tenant.ask("PATCH", tagsOf(VAULT), tagPatch({ KVReview: "Reviewed" }));
    tenant.advance(POLICY_DELAY - 1);
    expect(await tenant.states("review")).toMatchObject({ "kv-one": "NonCompliant" });
    tenant.advance(1);
    expect(await tenant.states("review")).toMatchObject({ "kv-one": "Compliant", "kv-rbac": "NonCompliant" });
  });

  test("a scan that was due before a change does not see it, whoever looks first", async () => {
    await assigned();
    tenant.advance(POLICY_DELAY + MINUTE);
    // Nobody has looked since the assignment's scan fell due.
    await tenant.ask("PATCH", tagsOf(VAULT), tagPatch({ KVReview: "Reviewed" }));
    expect(await tenant.states("review")).toMatchObject({ "kv-one": "NonCompliant" });
  });

  test("on demand: 202, an address that answers 202 until it is done, and states as of then", async () => {
    await assigned();
    const trigger = `${SUBSCRIPTION_SCOPE}/providers/Microsoft.PolicyInsights/policyStates/latest/triggerEvaluation`;
    const { status, headers } = await tenant.ask("POST", trigger);
    expect(status).toBe(202);
    const location = new URL(headers?.location ?? "");
    expect(Number(headers?.["retry-after"])).toBeGreaterThan(0);
    const poll = () => tenant.send(tenant.owner, "GET", location.pathname + location.search);
    expect((await poll()).status).toBe(202);
    tenant.advance(POLICY_DELAY);
    expect((await poll()).status).toBe(200);
    expect(await tenant.states("review")).toMatchObject({ "kv-one": "NonCompliant" });
    const stranger = await tenant.ask("POST", trigger, undefined, tenant.person("nobody"));
    expect([stranger.status, stranger.body.error?.code]).toEqual([403, "AuthorizationFailed"]);
  });

  test("every 24 hours everything is looked at again, what only lies beside a resource too", async () => {
    const details = {
      type: "Microsoft.Insights/diagnosticSettings",
      existenceCondition: {
        count: {
          field: "Microsoft.Insights/diagnosticSettings/logs[*]",
          where: { field: "Microsoft.Insights/diagnosticSettings/logs[*].enabled", equals: "true" },
        },
        greater: 0,
      },
    };
    await tenant.apply("logs", await tenant.define("logs", IS_VAULT, { effect: "auditIfNotExists", details }));
    tenant.advance(POLICY_DELAY);
    expect(await tenant.states("logs")).toMatchObject({ "kv-one": "NonCompliant" });
    const setting = {
      vaultId: VAULT,
      name: "d",
      logs: [{ categoryGroup: "audit", enabled: true }],
      createdAt: 0,
      effectiveAt: 0,
    };
    tenant.context.model.diagnosticSettings.put(`${VAULT}/d`, setting);
    tenant.advance(POLICY_DELAY);
    expect(await tenant.states("logs")).toMatchObject({ "kv-one": "NonCompliant" });
    tenant.advance(DAY);
    expect(await tenant.states("logs")).toMatchObject({ "kv-one": "Compliant", "kv-two": "NonCompliant" });
  });

  test("what is deleted has no state, and what has no policy neither", async () => {
    const assignment = await assigned();
    tenant.advance(POLICY_DELAY);
    expect(latestStates(tenant.context)).toHaveLength(3);
    await tenant.ask("DELETE", `${VAULT}?api-version=2023-07-01`);
    expect(Object.keys(await tenant.states())).toEqual(["kv-rbac", "kv-two"]);
    await tenant.ask("DELETE", assignment);
    expect(await tenant.states()).toEqual({});
  });
});

describe("where an assignment reaches", () => {
  test("from a management group to its subscriptions, and to no other", async () => {
    const elsewhere = `/subscriptions/${OTHER_SUBSCRIPTION}/resourceGroups/rg-else/providers/Microsoft.KeyVault/vaults/kv-else`;
    tenant.context.model.vaults.put(elsewhere, makeVault(elsewhere));
    await assigned({}, CORP);
    tenant.advance(POLICY_DELAY);
    expect(new Set(latestStates(tenant.context).map(({ target }) => target.subscriptionKey))).toEqual(
      new Set([SUBSCRIPTION]),
    );
  });

  test("not to excluded scopes, nor to resources that its selectors leave out", async () => {
    await assigned({ notScopes: [GROUP_TWIN, RBAC_VAULT] });
    tenant.advance(POLICY_DELAY);
    expect(await tenant.states()).toEqual({ "kv-one": "NonCompliant" });
    const stray = await tenant.ask("PUT", `${GROUP}/providers/Microsoft.Authorization/policyAssignments/x`, {
      properties: {
        policyDefinitionId: `${CORP}/providers/Microsoft.Authorization/policyDefinitions/review`,
        notScopes: [GROUP_TWIN],
      },
    });
    expect([stray.status, stray.body.error?.code]).toEqual([400, "InvalidPolicyAssignmentNotScopes"]);
  });

  test("not where it is waived, until the waiver is over", async () => {
    const policyAssignmentId = await assigned();
    tenant.advance(POLICY_DELAY);
    const expiresOn = new Date(tenant.context.now() + DAY).toISOString();
    const id = `${GROUP}/providers/Microsoft.Authorization/policyExemptions/later`;
    await tenant.ask("PUT", id, { properties: { policyAssignmentId, exemptionCategory: "Mitigated", expiresOn } });
    expect(await tenant.states()).toMatchObject({ "kv-one": "NonCompliant" });
    tenant.advance(POLICY_DELAY);
    expect(await tenant.states()).toEqual({ "kv-one": "Exempt", "kv-rbac": "Exempt", "kv-two": "NonCompliant" });
    tenant.advance(2 * DAY);
    expect(await tenant.states()).toMatchObject({ "kv-one": "NonCompliant" });
    const listed = await tenant.ask(
      "GET",
      `${GROUP}/providers/Microsoft.Authorization/policyExemptions?$filter=excludeExpired()`,
    );
    expect(listed.body.value).toEqual([]);
  });

  test("one member of an initiative can be waived alone", async () => {
    const review = await tenant.define("review", REVIEWED, { effect: "audit" });
    const owner = await tenant.define(
      "owner",
      { allOf: [IS_VAULT, { field: "tags['owner']", exists: false }] },
      { effect: "audit" },
    );
    const set = `${SUBSCRIPTION_SCOPE}/providers/Microsoft.Authorization/policySetDefinitions/both`;
    const policyDefinitions = [
      { policyDefinitionId: review, policyDefinitionReferenceId: "review", groupNames: ["g"] },
      { policyDefinitionId: owner, policyDefinitionReferenceId: "owner" },
    ];
    await tenant.ask("PUT", set, {
      properties: { policyDefinitions, policyDefinitionGroups: [{ name: "g" }], metadata: { ASC: "true" } },
    });
    const policyAssignmentId = await tenant.apply("both", set, {}, GROUP);
    const properties = { policyAssignmentId, policyDefinitionReferenceIds: ["OWNER"], exemptionCategory: "Waiver" };
    await tenant.ask("PUT", `${VAULT}/providers/Microsoft.Authorization/policyExemptions/e`, { properties });
    tenant.advance(POLICY_DELAY);
    expect(await tenant.states("both")).toEqual({
      "kv-one (review)": "NonCompliant",
      "kv-rbac (review)": "NonCompliant",
      "kv-one (owner)": "Exempt",
      "kv-rbac (owner)": "NonCompliant",
    });
    const inGroup = await tenant.ask(
      "POST",
      `${QUERY}?$filter='g' IN PolicyDefinitionGroupNames and isCompliant eq false&$apply=aggregate($count as n)`,
    );
    expect(inGroup.body.value).toMatchObject([{ n: 2 }]);
  });
});

describe("queries", () => {
  beforeEach(async () => {
    await assigned();
    await tenant.ask("PATCH", tagsOf(VAULT), tagPatch({ KVReview: "Reviewed" }));
    tenant.advance(POLICY_DELAY);
  });

  test("filter, order, select, top and groups", async () => {
    const names = await tenant.ask(
      "POST",
      `${QUERY}?$filter=IsCompliant eq false and startswith(resourceId, '${GROUP}')&$orderby=resourceId desc&$select=ResourceId,complianceState&$top=1`,
    );
    expect(names.body).toMatchObject({
      "@odata.count": 1,
      value: [{ resourceId: RBAC_VAULT, complianceState: "NonCompliant" }],
    });
    expect(Object.keys(names.body.value?.[0] ?? {})).toEqual([
      "@odata.id",
      "@odata.context",
      "resourceId",
      "complianceState",
    ]);
    const groups = await tenant.ask(
      "POST",
      `${QUERY}?$apply=groupby((complianceState, resourceGroup))/groupby((complianceState), aggregate($count as groups))&$orderby=groups desc`,
    );
    expect(groups.body.value).toMatchObject([
      { complianceState: "NonCompliant", groups: 2 },
      { complianceState: "Compliant", groups: 1 },
    ]);
  });

  test.each([
    "$filter=nothing eq 1",
    "$filter=isCompliant eq",
    "$orderby=nothing",
    "$select=nothing",
    "$apply=explode()",
    "$top=x",
    "$from=yesterday",
  ])("%s is refused", async (option) => {
    const { status, body } = await tenant.ask("POST", `${QUERY}?${option}`);
    expect([status, String(body.error?.code)]).toEqual([400, expect.stringMatching(/^Invalid\w+InQueryString$/)]);
  });

  test("pages of a thousand, each state once", async () => {
    for (let i = 0; i < 1500; i++) {
      const id = `${GROUP}/providers/Microsoft.KeyVault/vaults/kv-more-${i}`;
      tenant.context.model.vaults.put(id, makeVault(id));
    }
    tenant.advance(DAY);
    const seen = new Set<string>();
    let next: string | undefined = QUERY;
    let pages = 0;
    while (next !== undefined) {
      const { body } = pages === 0 ? await tenant.ask("POST", next) : await tenant.send(tenant.owner, "POST", next);
      for (const row of Object.values(body.value ?? {})) seen.add(String(row.resourceId));
      const link: unknown = body["@odata.nextLink"];
      next = typeof link === "string" ? link.replace("https://management.azure.com", "") : undefined;
      pages++;
    }
    expect([seen.size, pages]).toEqual([1503, 2]);
  });

  test("a summary counts resources and policies by their worst state", async () => {
    const { body } = await tenant.ask("POST", SUMMARY);
    expect(body.value?.[0]?.results).toMatchObject({
      nonCompliantResources: 2,
      nonCompliantPolicies: 1,
      resourceDetails: [
        { complianceState: "noncompliant", count: 2 },
        { complianceState: "compliant", count: 1 },
      ],
    });
    expect(body.value?.[0]?.policyAssignments).toHaveLength(1);
  });

  test("of one assignment, of one definition, and by nobody without a right", async () => {
    const path = (policy: string) =>
      `${SUBSCRIPTION_SCOPE}/providers/Microsoft.Authorization/${policy}/review/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults`;
    for (const policy of ["policyAssignments", "policyDefinitions"]) {
      expect((await tenant.ask("POST", path(policy))).body["@odata.count"]).toBe(3);
    }
    expect((await tenant.ask("POST", QUERY, undefined, tenant.person("nobody"))).status).toBe(403);
  });
});
