import { createHttpHeaders, createPipelineRequest, type HttpClient } from "@azure/core-rest-pipeline";
import { describe, expect, test } from "vitest";
import { CLOUDS } from "@/lib/cloud";
import { testConfig } from "@/scripts/test/config";
import { callCounts } from "./counter";
import { isAmbiguous, toAppError } from "./parse-error";
import { httpClientFor } from "./transport";

function recorder() {
  const seen: { url: string; host: string | undefined; insecure: boolean | undefined }[] = [];
  const client: HttpClient = {
    async sendRequest(request) {
      seen.push({
        url: request.url,
        host: request.headers.get("x-forwarded-host"),
        insecure: request.allowInsecureConnection,
      });
      return { request, status: 200, headers: createHttpHeaders() };
    },
  };
  return { seen, client };
}

const FOREIGN = [
  "https://evil.example/subscriptions?skipToken=1",
  "https://management.azure.com.evil.example/x",
  "https://management.azure.com:8443/x",
  "https://user@management.azure.com/x",
  "http://management.azure.com/x",
  "https://vault.azure.net/secrets",
  "https://a.b.vault.azure.net/secrets",
  "https://evilvault.azure.net/secrets",
  "https://kv.vault.azure.net.evil.example/secrets",
  "https://management.usgovcloudapi.net/x",
  "https://graph.microsoft.us/v1.0/security/incidents",
  "https://graph.microsoft.com.evil.example/v1.0/security/incidents",
  "http://127.0.0.1:4280/sim/tenant",
  "http://169.254.169.254/metadata",
];

describe.each(["real", "simulated"] as const)("in a %s tenant", (mode) => {
  test.each(FOREIGN)("%s is refused before anything is sent", async (url) => {
    const { seen, client } = recorder();
    const call = httpClientFor(testConfig({ mode }), client).sendRequest(createPipelineRequest({ url }));
    await expect(call).rejects.toThrow(/stopped/);
    expect(seen).toEqual([]);
  });
});

test("a real tenant is called as asked", async () => {
  const { seen, client } = recorder();
  const wire = httpClientFor(testConfig({ mode: "real" }), client);
  for (const url of [
    "https://management.azure.com//subscriptions/1",
    "https://api.loganalytics.io/v1/x",
    "https://kv1.vault.azure.net/secrets",
  ]) {
    await wire.sendRequest(createPipelineRequest({ url }));
  }
  expect(seen.map(({ url }) => url)).toEqual([
    "https://management.azure.com//subscriptions/1",
    "https://api.loganalytics.io/v1/x",
    "https://kv1.vault.azure.net/secrets",
  ]);
  expect(seen.every(({ host, insecure }) => host === undefined && !insecure)).toBe(true);
});

test("a government cloud has other hosts, and only those", async () => {
  const { client } = recorder();
  const wire = httpClientFor(testConfig({ mode: "real", cloud: CLOUDS.AzureUSGovernment }), client);
  await wire.sendRequest(createPipelineRequest({ url: "https://kv1.vault.usgovcloudapi.net/keys" }));
  await expect(wire.sendRequest(createPipelineRequest({ url: "https://kv1.vault.azure.net/keys" }))).rejects.toThrow();
});

test("a simulated tenant gets the same call on loopback, and the pipeline sees the address that it asked for", async () => {
  const { seen, client } = recorder();
  const request = createPipelineRequest({ url: "https://kv1.vault.azure.net/secrets?api%2Dversion=7.5&a=b%2Fc" });
  const response = await httpClientFor(testConfig({ mode: "simulated" }), client).sendRequest(request);
  expect(seen).toEqual([
    { url: "http://127.0.0.1:4280/secrets?api%2Dversion=7.5&a=b%2Fc", host: "kv1.vault.azure.net", insecure: true },
  ]);
  expect(response.request.url).toBe("https://kv1.vault.azure.net/secrets?api%2Dversion=7.5&a=b%2Fc");
  expect(response.request.allowInsecureConnection).toBe(false);
  expect(response.request.headers.has("x-forwarded-host")).toBe(false);
});

test("the address is restored when the simulator is down", async () => {
  const request = createPipelineRequest({ url: "https://management.azure.com/x" });
  const down: HttpClient = { sendRequest: () => Promise.reject(new Error("down")) };
  await expect(httpClientFor(testConfig({ mode: "simulated" }), down).sendRequest(request)).rejects.toThrow("down");
  expect(request.url).toBe("https://management.azure.com/x");
});

test("calls are counted by service", async () => {
  const { client } = recorder();
  const wire = httpClientFor(testConfig({ mode: "simulated" }), client);
  const before = callCounts();
  for (const url of [
    "https://management.azure.com//providers/Microsoft.ResourceGraph/resources",
    "https://management.azure.com/subscriptions",
    "https://kv.vault.azure.net/secrets",
    "https://kv2.vault.azure.net/secrets",
    "https://api.loganalytics.io/v1/$batch",
    "https://graph.microsoft.com/v1.0/security/incidents/1",
    "https://entra-simulated.invalid/t/oauth2/v2.0/token",
  ]) {
    await wire.sendRequest(createPipelineRequest({ url }));
  }
  const after = callCounts();
  const cost = Object.entries(after).map(([name, count]) => [name, count - before[name as keyof typeof before]]); // keys of the same object
  expect(Object.fromEntries(cost)).toEqual({ resourceGraph: 1, arm: 1, keyVault: 2, logs: 1, graph: 1, entra: 1 });
});

test("an answer that does not come in time is no answer, and the caller's own limit stays the caller's", async () => {
  const limits: number[] = [];
  const silent: HttpClient = {
    sendRequest: (request) => {
      limits.push(request.timeout);
      const error = new Error("The operation was aborted.");
      error.name = "AbortError";
      return Promise.reject(error);
    },
  };
  const config = testConfig({ mode: "real" });
  const wire = httpClientFor(config, silent);
  const url = "https://management.azure.com/subscriptions";
  const late = await wire.sendRequest(createPipelineRequest({ url })).catch((error: unknown) => error);
  expect(toAppError(late, "list the subscriptions").failure).toMatchObject({ code: "unavailable" });
  expect(isAmbiguous(late)).toBe(true);
  await expect(wire.sendRequest(createPipelineRequest({ url, timeout: 5 }))).rejects.toThrow("aborted");
  expect(limits).toEqual([config.timing.requestTimeout, 5]);
});
