import { describe, expect, test } from "vitest";
import { makeArmTenant, WORKSPACE } from "../arm/test-context";

const PROVIDER = `${WORKSPACE}/providers/Microsoft.SecurityInsights`;

describe("rate-limit headers of Sentinel", () => {
  test.each([
    ["GET", "watchlists", "resource-requests"],
    ["PUT", "incidents/one", "resource-requests"],
    ["GET", "incidents/one/comments", "resource-requests"],
    ["GET", "automationRules", "resource-requests"],
    ["GET", "onboardingStates/default", "resource-requests"],
    ["GET", "incidents", "reads"],
    ["DELETE", "incidents/one", "deletes"],
    ["GET", "alertRules", "reads"],
    ["PUT", "bookmarks/b", "writes"],
  ])("%s %s is counted in %s", async (method, path, counter) => {
    const tenant = makeArmTenant();
    const somebody = tenant.personWith(["Microsoft.SecurityInsights/*"], WORKSPACE);
    const { headers = {} } = await tenant.send(somebody, method, `${PROVIDER}/${path}`);
    const names = Object.keys(headers).filter((name) => name.startsWith("x-ms-ratelimit-remaining"));
    expect(names[0]).toBe(`x-ms-ratelimit-remaining-subscription-${counter}`);
    expect(names).toHaveLength(counter === "resource-requests" ? 1 : 2);
  });
});
