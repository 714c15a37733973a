import { PolicyClient } from "@azure/arm-policy";
import { PolicyInsightsClient } from "@azure/arm-policyinsights";
import type { TokenCredential } from "@azure/core-auth";
import { createHttpHeaders, type HttpClient } from "@azure/core-rest-pipeline";
import { beforeEach, describe, expect, test } from "vitest";
import { SUBSCRIPTION } from "../arm/test-context";
import { policyRule } from "../policy/json";
import {
  addTag,
  IS_VAULT,
  MINUTE,
  makePolicyTenant,
  POLICY_DELAY,
  type PolicyTenant,
  SUBSCRIPTION_SCOPE,
  TAG_CONTRIBUTOR,
} from "../policy/testing/tenant";

/** Microsoft's own clients, as they are, with the wire replaced by the tenant in this process. */

let tenant: PolicyTenant;
let policy: PolicyClient;
let insights: PolicyInsightsClient;

const credential: TokenCredential = {
  getToken: async () => ({ token: "t", expiresOnTimestamp: Date.now() + 3_600_000 }),
};

beforeEach(() => {
  tenant = makePolicyTenant();
  const httpClient: HttpClient = {
    sendRequest: async (request) => {
      const url = new URL(request.url);
      const text = typeof request.body === "string" && request.body !== "" ? request.body : undefined;
      const answer = await tenant.send(tenant.owner, request.method, url.pathname + url.search, text);
      const hasBody = Object.keys(answer.body).length > 0;
      return {
        request,
        status: answer.status,
        headers: createHttpHeaders({ ...answer.headers, ...(hasBody ? { "content-type": "application/json" } : {}) }),
        bodyAsText: hasBody ? JSON.stringify(answer.body) : "",
      };
    },
  };
  policy = new PolicyClient(credential, SUBSCRIPTION, { httpClient });
  insights = new PolicyInsightsClient(credential, SUBSCRIPTION, { httpClient });
});

async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of list) found.push(item);
  return found;
}

describe("the policy clients", () => {
  test("define, assign, follow compliance, remediate and clean up", async () => {
    const missing = { allOf: [IS_VAULT, { field: "tags['KVReview']", exists: "false" }] };
    const definition = await policy.policyDefinitions.createOrUpdate("tag", {
      mode: "Indexed",
      displayName: "Review tag",
      policyRule: policyRule(missing, { effect: "modify", details: addTag("KVReview", "ReviewNeeded") }),
    });
    const set = await policy.policySetDefinitions.createOrUpdate("reviews", {
      metadata: { ASC: "true", category: "Key Vault" },
      policyDefinitions: [{ policyDefinitionId: definition.id ?? "", policyDefinitionReferenceId: "tag" }],
    });
    const assignment = await policy.policyAssignments.create(SUBSCRIPTION_SCOPE, "reviews", {
      location: "westeurope",
      identity: { type: "SystemAssigned" },
      policyDefinitionId: set.id ?? "",
    });
    expect(assignment.identity?.principalId).toMatch(/^[0-9a-f-]{36}$/);
    const principal = tenant.context.model.principals.get(assignment.identity?.principalId ?? "");
    if (!principal) throw new Error("The assignment has no principal.");
    tenant.assign(principal, TAG_CONTRIBUTOR, SUBSCRIPTION_SCOPE);
    tenant.advance(POLICY_DELAY);

    const states = await all(insights.policyStates.listQueryResultsForSubscription("latest", SUBSCRIPTION));
    expect(states.map(({ complianceState }) => complianceState)).toEqual([
      "NonCompliant",
      "NonCompliant",
      "NonCompliant",
    ]);
    expect(states[0]?.timestamp).toBeInstanceOf(Date);
    const summary = await insights.policyStates.summarizeForSubscription("latest", SUBSCRIPTION);
    expect(summary.value?.[0]?.results?.nonCompliantResources).toBe(3);

    const task = { policyAssignmentId: assignment.id ?? "", policyDefinitionReferenceId: "tag" };
    const created = await insights.remediations.createOrUpdateAtSubscription("reviews", task);
    expect(created.provisioningState).toBe("Accepted");
    tenant.advance(5 * MINUTE);
    const done = await insights.remediations.getAtSubscription("reviews");
    expect(done.provisioningState).toBe("Succeeded");
    expect(done.deploymentStatus?.successfulDeployments).toBe(3);
    const deployments = await all(insights.remediations.listDeploymentsAtSubscription("reviews"));
    expect(deployments.map(({ status }) => status)).toEqual(["Succeeded", "Succeeded", "Succeeded"]);

    expect((await policy.policyAssignments.delete(SUBSCRIPTION_SCOPE, "reviews"))?.name).toBe("reviews");
    await policy.policySetDefinitions.delete("reviews");
    await policy.policyDefinitions.delete("tag");
    expect(await all(policy.policyDefinitions.list({ filter: "policyType eq 'Custom'" }))).toEqual([]);
  });

  test("a scan on demand is polled to its end, and a refusal keeps its code", async () => {
    const poller = insights.policyStates.beginTriggerSubscriptionEvaluation(SUBSCRIPTION, { updateIntervalInMs: 1 });
    const running = await poller;
    expect(running.isDone()).toBe(false);
    tenant.advance(POLICY_DELAY);
    await running.pollUntilDone();
    expect(running.isDone()).toBe(true);
    const broken = policy.policyDefinitions.createOrUpdate("x", {
      policyRule: policyRule({ field: "name", notExists: true }, { effect: "audit" }),
    });
    await expect(broken).rejects.toMatchObject({ statusCode: 400, code: "InvalidPolicyRule" });
  });
});
