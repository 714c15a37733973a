import { describe, expect, test } from "vitest";
import { hostName, readTarget } from "./request";
import { serviceOf } from "./routing";

const TENANT = "6854489f-a89f-44ca-99a8-9c2870c43055";
const HERE = "127.0.0.1:4280";

function route(host: string | undefined, forwardedHost: string | undefined, path: string) {
  return serviceOf({ host, forwardedHost }, path, TENANT)?.service;
}

describe("a request finds its service by the host it means", () => {
  test.each([
    [HERE, "management.azure.com", "/subscriptions", "arm"],
    ["management.azure.com", undefined, "/subscriptions", "arm"],
    [HERE, "kv-payments-prod-weu-01.vault.azure.net", "/secrets", "keyvault"],
    [HERE, "KV-Payments.vault.azure.net:443", "/secrets", "keyvault"],
    [HERE, "api.loganalytics.io", "/v1/workspaces", "loganalytics"],
    [HERE, "graph.microsoft.com", "/v1.0/security/incidents", "graph"],
    [HERE, "login.microsoftonline.com", `/${TENANT}/oauth2/v2.0/token`, "entra"],
    [HERE, "entra-simulated.invalid", `/${TENANT}/oauth2/v2.0/token`, "entra"],
    [HERE, undefined, `/${TENANT}/discovery/v2.0/keys`, "entra"],
    ["localhost:4280", "localhost:3000", `/${TENANT}/oauth2/v2.0/authorize`, "entra"],
    [HERE, undefined, "/msi/token", "identity"],
    ["localhost", undefined, "/sim/tenant", "control"],
  ])("%s, forwarded for %s, %s -> %s", (host, forwarded, path, service) => {
    expect(route(host, forwarded, path)).toBe(service);
  });

  test.each([
    ["a foreign name", "evil.example:4280", undefined, "/sim/tenant"],
    ["a foreign name that forwards for Azure", "evil.example:4280", "management.azure.com", "/subscriptions"],
    ["control forwarded for a browser", HERE, "localhost:3000", "/sim/tenant"],
    ["the identity endpoint forwarded for a browser", HERE, "localhost:3000", "/msi/token"],
    ["an unknown Azure host", HERE, "dev.azure.com", "/_apis"],
    ["a name that only ends like a vault", HERE, "a.b.vault.azure.net.evil.example", "/secrets"],
    ["no host", undefined, undefined, "/sim/tenant"],
    ["a host that is none", "127.0.0.1/x", undefined, "/sim/tenant"],
    ["another path of this machine", HERE, undefined, "/"],
  ])("%s is answered with 421", (_, host, forwarded, path) => {
    expect(route(host, forwarded, path)).toBeUndefined();
  });
});

describe("a request target", () => {
  test("is decoded once, slashes collapsed, casing kept", () => {
    expect(readTarget("//subscriptions///A%20b/%252e?api%2Dversion=2022-12-01")).toMatchObject({
      path: "/subscriptions/A b/%2e",
    });
    expect(readTarget("/x?api%2Dversion=1").query.get("api-version")).toBe("1");
  });

  test.each([
    "/a/../b",
    "/a/%2e%2e/b",
    "/%2e%2e%2fetc",
    "/a/./b",
    "/%",
    "/%E0%A4%A",
    "/a%00b",
    "/a%5c..",
    "http://x/",
    "*",
  ])("%s is refused", (target) => {
    expect(() => readTarget(target)).toThrow("not valid");
  });

  test("a host name is taken without port and case", () => {
    expect(hostName("LocalHost:3000, other")).toBe("localhost");
    expect(hostName("a b")).toBeUndefined();
    expect(hostName("[::1]:80")).toBeUndefined();
  });
});
