import { createHttpHeaders, type HttpClient, type PipelineRequest } from "@azure/core-rest-pipeline";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { testConfig } from "@/scripts/test/config";
import { drainByPage, keepPerAccess } from "./clients";
import { listDiagnosticSettings } from "./diagnostics";
import { listKeys, listSecrets, setSecretOnce } from "./key-vault";
import { queryLogs } from "./logs";
import { isAmbiguous } from "./parse-error";
import { permissionsAt } from "./permissions";
import { queryResourceGraph } from "./resource-graph";
import { parseVaultId } from "./resource-id.pure";
import { listAlertRules } from "./rules";
import { listTablePlans } from "./tables";
import { httpClientFor } from "./transport";
import { getVault } from "./vaults";

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** Real SDK clients over the real guard, with a wire that answers as a test says. */
function access(answer: (request: PipelineRequest, nth: number) => Answer) {
  const sent: { method: string; url: string; authorized: boolean; body: unknown }[] = [];
  const wire: HttpClient = {
    async sendRequest(request) {
      const authorized = request.headers.has("authorization");
      sent.push({ method: request.method, url: request.url, authorized, body: request.body });
      const { status, headers = {}, body } = answer(request, sent.length);
      return {
        request,
        status,
        headers: createHttpHeaders({ "content-type": "application/json", ...headers }),
        bodyAsText: body === undefined ? "" : JSON.stringify(body),
      };
    },
  };
  const config = testConfig({ mode: "real" });
  const azure: AzureAccess = {
    credential: { getToken: async () => ({ token: "secret-token", expiresOnTimestamp: Date.now() + 3_600_000 }) },
    httpClient: httpClientFor(config, wire),
    cloud: config.cloud,
    outbound: config.outbound,
  };
  return { azure, sent };
}

const UNKNOWN = "22222222-2222-4222-8222-222222222222";
const WORKSPACE = `/subscriptions/${UNKNOWN}/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/law`;
const CHALLENGE: Answer = {
  status: 401,
  headers: {
    "www-authenticate":
      'Bearer authorization="https://login.microsoftonline.com/11111111-1111-4111-8111-111111111111", resource="https://vault.azure.net"',
  },
};
/** Key Vault asks who calls before it answers. */
const afterChallenge = (answer: (request: PipelineRequest) => Answer) => (request: PipelineRequest) =>
  request.headers.has("authorization") ? answer(request) : CHALLENGE;

const secret = (name: string) => ({
  id: `https://kv.vault.azure.net/secrets/${name}`,
  attributes: { enabled: true, created: 1, updated: 1 },
});

describe("a list goes to its end", () => {
  test("over the pages of Key Vault", async () => {
    const { azure } = access(
      afterChallenge(({ url }) => ({
        status: 200,
        body: url.includes("skip=1")
          ? { value: [secret("b")] }
          : { value: [secret("a")], nextLink: "https://kv.vault.azure.net/secrets?skip=1" },
      })),
    );
    expect((await listSecrets(azure, "kv")).map(({ name }) => name)).toEqual(["a", "b"]);
  });

  test("but never to another host, and the token goes nowhere", async () => {
    const { azure, sent } = access(
      afterChallenge(() => ({
        status: 200,
        body: { value: [secret("a")], nextLink: "https://collector.evil.example/secrets?skip=1" },
      })),
    );
    await expect(listSecrets(azure, "kv")).rejects.toMatchObject({
      failure: { code: "unavailable", message: expect.stringContaining("collector.evil.example") },
    });
    expect(sent.map(({ url }) => new URL(url).host)).toEqual(["kv.vault.azure.net", "kv.vault.azure.net"]);
  });

  test("over the pages of Resource Graph", async () => {
    const { azure, sent } = access(({ body }) => {
      const { $skipToken } = JSON.parse(String(body)).options;
      const page = Number($skipToken ?? 0);
      const data = [{ id: `v${page}` }];
      return {
        status: 200,
        body: {
          totalRecords: 3,
          count: 1,
          resultTruncated: "false",
          data,
          ...(page < 2 && { $skipToken: `${page + 1}` }),
        },
      };
    });
    const rows = await queryResourceGraph(azure, "resources | project id", z.object({ id: z.string() }));
    expect(rows.map(({ id }) => id)).toEqual(["v0", "v1", "v2"]);
    expect(JSON.parse(String(sent[0]?.body)).options).toMatchObject({ $top: 1000, resultFormat: "objectArray" });
  });

  test("and a cut answer is an error, not fewer rows", async () => {
    const { azure } = access(() => ({
      status: 200,
      body: { totalRecords: 5000, count: 1, resultTruncated: "true", data: [{ id: "v" }] },
    }));
    await expect(queryResourceGraph(azure, "resources", z.unknown())).rejects.toMatchObject({
      failure: { code: "unavailable", message: expect.stringContaining("cut") },
    });
  });
});

test.each([
  ["nothing", undefined],
  ["a page", "<html>Bad gateway</html>"],
  ["a list", []],
])("an error with %s for a body keeps its status, whichever client asked", async (_, body) => {
  const { azure } = access(afterChallenge(() => ({ status: 404, body })));
  const id = parseVaultId(`/subscriptions/${UNKNOWN}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv1`);
  if (!id) throw new Error("not an id");
  const asked = [
    () => listSecrets(azure, "kv1"),
    () => listKeys(azure, "kv1"),
    () => setSecretOnce(azure, "kv1", { name: "a", value: "v" }),
    () => getVault(azure, id),
    () => listDiagnosticSettings(azure, id),
    () => queryResourceGraph(azure, "resources", z.unknown()),
    () => queryLogs(azure, UNKNOWN, { kql: "print 1" }, z.unknown()),
    () => listTablePlans(azure, WORKSPACE),
    () => listAlertRules(azure, WORKSPACE),
    () => permissionsAt(azure, id),
  ];
  for (const ask of asked) await expect(ask()).rejects.toMatchObject({ failure: { code: "not_found" } });
});

describe("trying again", () => {
  const busy = { status: 503, headers: { "retry-after-ms": "1" } };

  test("is done for reads", async () => {
    let failures = 2;
    const { azure } = access(
      afterChallenge(() => (failures-- > 0 ? busy : { status: 200, body: { value: [secret("a")] } })),
    );
    expect(await listSecrets(azure, "kv")).toHaveLength(1);
  });

  test.each([
    ["a server error", busy, true],
    ["throttling", { status: 429, headers: { "retry-after-ms": "1" } }, false],
    ["a gateway's page", { status: 502, headers: { "content-type": "text/html" } }, true],
    ["a refusal", { status: 403, body: { error: { code: "Forbidden" } } }, false],
  ])("is never done for a write: %s", async (_, answer, ambiguous) => {
    const { azure, sent } = access(afterChallenge(() => answer));
    const error = await setSecretOnce(azure, "kv", { name: "db-connection", value: "v" }).catch((thrown) => thrown);
    expect(isAmbiguous(error)).toBe(ambiguous);
    const writes = sent.filter(({ method, authorized }) => method === "PUT" && authorized);
    expect(writes).toHaveLength(1);
    // The challenge's own request carries nothing.
    expect(sent.filter(({ authorized, body }) => !authorized && body)).toEqual([]);
  });

  test("a write whose answer cannot be read may have happened", async () => {
    const { azure } = access(afterChallenge(() => ({ status: 200, body: { unexpected: true } })));
    const error = await setSecretOnce(azure, "kv", { name: "db-connection", value: "v" }).catch((thrown) => thrown);
    expect(isAmbiguous(error)).toBe(true);
  });

  test("throttling without a time to wait is told as throttling, at once", async () => {
    const { azure, sent } = access(afterChallenge(() => ({ status: 429 })));
    await expect(listSecrets(azure, "kv")).rejects.toMatchObject({
      failure: { code: "throttled", retryAfterSeconds: 10 },
    });
    expect(sent.filter(({ authorized }) => authorized)).toHaveLength(1);
  });
});

test("clients are kept per caller, and the longest unused makes room", () => {
  let made = 0;
  const clientOf = keepPerAccess((_, key) => ({ key, nth: ++made }));
  const { azure } = access(() => ({ status: 200 }));
  const { azure: other } = access(() => ({ status: 200 }));
  expect(clientOf(azure, "a")).toBe(clientOf(azure, "a"));
  expect(clientOf(azure, "a")).not.toBe(clientOf(other, "a"));
  const first = clientOf(azure, "a");
  for (let i = 0; i < 63; i++) clientOf(azure, `k${i}`);
  expect(clientOf(azure, "a")).toBe(first);
  for (let i = 63; i < 130; i++) clientOf(azure, `k${i}`);
  expect(clientOf(azure, "a")).not.toBe(first);
});

describe("a list of many pages", () => {
  const PAGES = [["a", "b"], ["c"], ["d"]];

  /** Pages by their number as token; `fails` says what goes wrong before a page is there. */
  function listOf(fails: (page: number) => unknown) {
    const asked: number[] = [];
    const numberOf = new Map(PAGES.map((page, index) => [page, index]));
    const pagesFrom = async function* ({ continuationToken = "0" }: { continuationToken?: string }) {
      for (let page = Number(continuationToken); page < PAGES.length; page++) {
        asked.push(page);
        const error = fails(page);
        if (error !== undefined) throw error;
        yield PAGES[page] ?? [];
      }
    };
    const tokenOf = (page: string[]) => {
      const next = (numberOf.get(page) ?? 0) + 1;
      return next < PAGES.length ? String(next) : undefined;
    };
    return { asked, all: () => drainByPage(pagesFrom, tokenOf) };
  }

  const status = (code: number) => Object.assign(new Error("answered"), { statusCode: code });

  test("goes on at the page that did not come, and holds each item once", async () => {
    const troubles: unknown[] = [new Error("cut off"), status(429), status(401)];
    const { asked, all } = listOf((page) => (page === 1 ? troubles.pop() : undefined));
    expect(await all()).toEqual(["a", "b", "c", "d"]);
    expect(asked).toEqual([0, 1, 1, 1, 1, 2]);
  });

  test("is given up where a page never comes", async () => {
    const { asked, all } = listOf((page) => (page === 2 ? status(503) : undefined));
    await expect(all()).rejects.toThrow("answered");
    expect(asked).toEqual([0, 1, 2, 2, 2, 2]);
  });

  test("is given up at once where it is refused", async () => {
    const { asked, all } = listOf((page) => (page === 1 ? status(403) : undefined));
    await expect(all()).rejects.toThrow("answered");
    expect(asked).toEqual([0, 1]);
  });
});
