import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { missedOf, mutationsOf } from "./mutations";
import { type Oracle, openOracle, specUrl } from "./oracle";
import { closedCopy } from "./spec-files";
import { smallSpecs, widgetExchange } from "./testing/specs";

const original = smallSpecs();
const copy = smallSpecs();
let oracle: Oracle;

beforeAll(async () => {
  oracle = await openOracle(
    copy.folder,
    closedCopy(original.folder, copy.folder).map(({ file }) => file),
  );
});
afterAll(() => {
  original.remove();
  copy.remove();
});

const SECRET = "https://kv-one.vault.azure.net/secrets/name";

describe("the oracle", () => {
  test("knows the versions of an operation, oldest first, and none of an unknown one", () => {
    const { url } = widgetExchange();
    expect(oracle.versionsOf("GET", url)).toEqual(["2020-01-01", "2024-01-01"]);
    expect(oracle.versionsOf("PATCH", url)).toEqual([]);
    expect(oracle.versionsOf("GET", url.replace("widgets/w1", "gadgets/g1"))).toEqual([]);
    expect(oracle.versionsOf("GET", SECRET)).toEqual(["7.5"]);
  });

  test("finds nothing wrong with what is right, as often as it is asked, and changes nothing", async () => {
    const exchange = widgetExchange({ method: "PUT", requestBody: { colour: "blue", size: 2 } });
    const before = structuredClone(exchange);
    for (const round of [1, 2]) expect((await oracle.check(exchange)).faults, `round ${round}`).toEqual([]);
    expect(exchange).toEqual(before);
  });

  test("names place and kind of each fault, twice the same", async () => {
    const wrong = widgetExchange({ responseBody: { colour: "green", parts: [{ name: "a" }, { name: 7 }], more: 1 } });
    const first = await oracle.check(wrong);
    expect(first.operation).toMatchObject({ id: "Widgets_Get", version: "2024-01-01" });
    expect(first.faults.map(({ side, code, path }) => `${side} ${code} ${path}`).sort()).toEqual([
      "response ENUM_MISMATCH /colour",
      "response INVALID_TYPE /parts/{}/name",
      "response OBJECT_ADDITIONAL_PROPERTIES /more",
    ]);
    expect(await oracle.check(wrong)).toEqual(first);
  });

  test("flags a wrong request and an undeclared status", async () => {
    const faults = async (change: Parameters<typeof widgetExchange>[0]) =>
      (await oracle.check(widgetExchange(change))).faults.map(({ side, code }) => `${side} ${code}`);
    expect(await faults({ method: "PUT", requestBody: { colour: "red", size: "big" } })).toEqual([
      "request INVALID_TYPE",
    ]);
    expect(await faults({ status: 204 })).toEqual(["response INVALID_RESPONSE_CODE"]);
    const accepted = { method: "PUT", requestBody: { colour: "red" }, status: 202 };
    expect(await faults(accepted)).toEqual(["response LRO_RESPONSE_HEADER"]);
    const responseHeaders = { "content-type": "application/json", location: "https://management.azure.com/later" };
    expect(await faults({ ...accepted, responseHeaders })).toEqual([]);
  });

  test("tells the versions of a secret from a version of it, and passes over the sign-in challenge", async () => {
    const ask = (url: string, status = 200) =>
      oracle.check(widgetExchange({ url: `${url}?api-version=7.5`, status, responseBody: {} }));
    expect((await ask(`${SECRET}/versions`)).operation?.id).toBe("GetVersions");
    expect((await ask(`${SECRET}/`)).operation?.id).toBe("GetSecret");
    expect(await ask(`${SECRET}/`, 401)).toEqual({ faults: [] });
  });
});

describe("addresses as the descriptions write them", () => {
  test.each([
    ["GET", "https://kv-one.vault.azure.net/secrets/a/", "https://kv-one.vault.azure.net/secrets/a/newest"],
    ["PUT", "https://kv-one.vault.azure.net/secrets/a", "https://kv-one.vault.azure.net/secrets/a"],
    ["POST", "https://kv-one.vault.azure.net/keys/a//sign", "https://kv-one.vault.azure.net/keys/a/newest/sign"],
    ["POST", "https://kv-one.vault.azure.net/keys/a/create", "https://kv-one.vault.azure.net/keys/a/create"],
    ["GET", "https://management.azure.com//subscriptions/s", "https://management.azure.com/subscriptions/s"],
    [
      "GET",
      "https://management.azure.com/providers/Microsoft.KeyVault//vaults/v",
      "https://management.azure.com/providers/Microsoft.KeyVault/none/vaults/v",
    ],
    [
      "GET",
      "https://management.azure.com//providers/Microsoft.Authorization/roleDefinitions/r",
      "https://management.azure.com/tenant/providers/Microsoft.Authorization/roleDefinitions/r",
    ],
    [
      "POST",
      "https://api.loganalytics.io/v1/workspaces/w/query",
      "https://api.loganalytics.io/v1/workspaces/w/query?api-version=2022-10-27",
    ],
    [
      "POST",
      "https://api.loganalytics.io/v1//subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/query",
      "https://api.loganalytics.io/v1/resource/query?api-version=2022-10-27",
    ],
  ])("%s %s", (method, url, expected) => {
    expect(specUrl(method, url)).toBe(expected);
  });
});

describe("mutations", () => {
  const pairsFor = async (exchange = widgetExchange({ method: "PUT", requestBody: { colour: "red", size: 1 } })) => {
    const { operation, faults } = await oracle.check(exchange);
    return operation ? [{ exchange, operation, faults }] : [];
  };

  test("every kind that the description allows is made, and each is flagged", async () => {
    const mutations = mutationsOf(await pairsFor(), 1);
    expect(mutations.map(({ side, kind }) => `${side}: ${kind}`).sort()).toEqual([
      "request: bad value of an enumeration",
      "request: extra property",
      "request: missing required",
      "request: wrong type",
      "response: bad date",
      "response: bad value of an enumeration",
      "response: extra property",
      "response: missing required",
      "response: wrong status",
      "response: wrong type",
    ]);
    expect(await missedOf(oracle, mutations)).toEqual([]);
  });

  test("the same seed draws the same ones, another seed others", async () => {
    const pairs = await pairsFor();
    const drawn = (seed: number) => mutationsOf(pairs, seed).map(({ kind, path }) => `${kind} ${path}`);
    expect(drawn(1)).toEqual(drawn(1));
    expect([2, 3, 4, 5].some((seed) => drawn(seed).join() !== drawn(1).join())).toBe(true);
  });

  test("a validator that lets one through is found out", async () => {
    const mutations = mutationsOf(await pairsFor(), 1);
    const blind: Oracle = { ...oracle, check: async () => ({ faults: [] }) };
    expect(await missedOf(blind, mutations)).toHaveLength(mutations.length);
  });
});
