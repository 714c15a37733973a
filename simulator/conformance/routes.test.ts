import { describe, expect, test } from "vitest";
import { allRoutes, neededFiles, routeOf, undriven } from "./routes";
import { widgetExchange } from "./testing/specs";

const VAULT = "https://management.azure.com/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v";

describe("the routes of the tenant", () => {
  test.each([
    [
      "GET",
      `${VAULT}?api-version=1`,
      "GET /subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.KeyVault/vaults/{v}",
    ],
    ["GET", "https://kv.vault.azure.net/secrets/a/", "vault: GET /secrets/{name}"],
    ["GET", "https://kv.vault.azure.net/secrets/a/versions", "vault: GET /secrets/{name}/versions"],
    ["POST", "https://api.loganalytics.io/v1/$batch", "logs: POST /v1/$batch"],
    ["GET", "https://management.azure.com/nowhere", undefined],
  ])("%s %s is answered by %s", (method, url, route) => {
    expect(routeOf({ method, url })).toBe(route);
    if (route !== undefined) expect(allRoutes()).toContain(route);
  });

  test("a route is named until some request to it succeeds", () => {
    const route = routeOf({ method: "GET", url: VAULT });
    const messageAfter = (statuses: number[]) =>
      undriven(statuses.map((status) => widgetExchange({ url: VAULT, status }))).find(
        ({ operation }) => operation === route,
      )?.message;
    expect(messageAfter([])).toContain("No step");
    expect(messageAfter([404])).toContain("only ever refused");
    expect(messageAfter([404, 200])).toBeUndefined();
  });

  test("only descriptions of what some route answers are loaded", () => {
    const file = (path: string, ...operations: string[]) => ({ file: path, version: "1", operations });
    const vaults = "/subscriptions/{subscriptionId}/providers/Microsoft.KeyVault/vaults";
    expect(
      neededFiles([
        file("a/resource-manager/vaults.json", `GET ${vaults}`),
        file(
          "a/resource-manager/managed.json",
          "GET /subscriptions/{subscriptionId}/providers/Microsoft.KeyVault/managedHSMs",
        ),
        file("a/resource-manager/roles.json", "GET /{scope}/providers/Microsoft.Authorization/roleAssignments"),
        file("a/data-plane/Microsoft.KeyVault/secrets.json", "GET /secrets/{secret-name}/{secret-version}"),
        file("a/data-plane/Microsoft.KeyVault/storage.json", "GET /storage/{storage-account-name}"),
        file("a/data-plane/Microsoft.OperationalInsights/logs.json", "POST /workspaces/{workspaceId}/query"),
      ]),
    ).toEqual([
      "a/resource-manager/vaults.json",
      "a/resource-manager/roles.json",
      "a/data-plane/Microsoft.KeyVault/secrets.json",
      "a/data-plane/Microsoft.OperationalInsights/logs.json",
    ]);
  });
});
