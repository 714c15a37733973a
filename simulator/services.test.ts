import { beforeAll, expect, test } from "vitest";
import { RequestCounters } from "./control/counters";
import { signAppToken } from "./entra/token";
import { AzureError, type SimResponse } from "./http";
import { allServices } from "./services";
import { type TestTenant, testRequest, testTenant } from "./test-tenant";
import { worldIds } from "./world/ids";

const LOGS = "https://api.loganalytics.io";
let tenant: TestTenant;

beforeAll(async () => {
  tenant = await testTenant();
});

async function query(path: string, body: object): Promise<SimResponse> {
  const { context, timekeeper } = tenant;
  const reader = context.model.principals.get(worldIds(context).identities.collector.objectId);
  if (!reader) throw new Error("The collector is there.");
  const authorization = `Bearer ${await signAppToken(context, reader, LOGS, 3600)}`;
  const text = JSON.stringify(body);
  const request = {
    ...testRequest("POST", path, { headers: { authorization } }),
    text,
    json: () => JSON.parse(text),
  };
  try {
    return await allServices(new RequestCounters(context.now), timekeeper).loganalytics(request, context);
  } catch (error) {
    // What the server makes of it.
    if (error instanceof AzureError) return error.toResponse();
    throw error;
  }
}

test.each([
  ["a parameter that is given twice", "?timespan=P1D&timespan=P2D", {}, "'timespan'"],
  ["a long text beside the query", "", { timespan: "a".repeat(70_000) }, "timespan"],
])("the query service refuses %s in its own form", async (_what, search, more, named) => {
  const { customerId } = [...tenant.context.model.workspaces.values()][0] ?? {};
  expect(await query(`/v1/workspaces/${customerId}/query${search}`, { query: "print 1", ...more })).toMatchObject({
    status: 400,
    body: {
      error: {
        code: "BadArgumentError",
        message: "The request had some invalid properties",
        innererror: { code: "InvalidArgument", message: expect.stringContaining(named) },
      },
    },
  });
});
