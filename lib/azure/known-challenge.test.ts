import { createHttpHeaders, createPipelineRequest, type HttpClient } from "@azure/core-rest-pipeline";
import { SecretClient } from "@azure/keyvault-secrets";
import { expect, test } from "vitest";
import { testConfig } from "@/scripts/test/config";
import { drain } from "./clients";
import { httpClientFor } from "./transport";

const CONFIG = testConfig({ mode: "real" });
const FOREIGN = "99999999-aaaa-4bbb-8ccc-dddddddddddd";

/** Vaults that want a token, all of this tenant but those whose names begin with `foreign`; some refuse some tokens. */
function vaults(refuses: (host: string, token: string) => boolean = () => false) {
  const seen: string[] = [];
  const client: HttpClient = {
    async sendRequest(request) {
      const host = new URL(request.url).hostname;
      const token = request.headers.get("authorization")?.replace("Bearer ", "");
      seen.push(`${host.split(".")[0]} ${request.method} ${token === undefined ? "asks" : "with a token"}`);
      const tenant = host.startsWith("foreign") ? FOREIGN : CONFIG.tenantId;
      const challenge = `Bearer authorization="https://login.microsoftonline.com/${tenant}", resource="https://vault.azure.net"`;
      if (token !== undefined && !refuses(host, token)) {
        return { request, status: 200, headers: createHttpHeaders(), bodyAsText: '{"value":[]}' };
      }
      return { request, status: 401, headers: createHttpHeaders({ "www-authenticate": challenge }), bodyAsText: "{}" };
    },
  };
  return { seen, httpClient: httpClientFor(CONFIG, client) };
}

/** A client of its own for each list, as many vaults have. Returns the tenants for which tokens were taken. */
async function list(
  httpClient: HttpClient,
  vault: string,
  token = (_?: string) => "good",
): Promise<(string | undefined)[]> {
  const tenants: (string | undefined)[] = [];
  const credential = {
    getToken: async (_: string | string[], options?: { tenantId?: string }) => {
      tenants.push(options?.tenantId);
      return { token: token(options?.tenantId), expiresOnTimestamp: Date.now() + 3_600_000 };
    },
  };
  const client = new SecretClient(`https://${vault}.vault.azure.net`, credential, {
    httpClient,
    retryOptions: { maxRetries: 0 },
  });
  await drain(client.listPropertiesOfSecrets());
  return tenants;
}

test("the first vault is asked how it wants to be asked, and no other", async () => {
  const { seen, httpClient } = vaults();
  await list(httpClient, "kv1");
  expect(await list(httpClient, "kv2")).toEqual([CONFIG.tenantId]);
  await list(httpClient, "kv1");
  expect(seen).toEqual(["kv1 GET asks", "kv1 GET with a token", "kv2 GET with a token", "kv1 GET with a token"]);
});

test("what a vault of another tenant says is not said in the stead of others", async () => {
  const { seen, httpClient } = vaults();
  expect(await list(httpClient, "foreign1")).toEqual([FOREIGN]);
  expect(await list(httpClient, "kv1")).toEqual([CONFIG.tenantId]);
  expect(seen).toEqual(["foreign1 GET asks", "foreign1 GET with a token", "kv1 GET asks", "kv1 GET with a token"]);
});

test("a vault of another tenant that was met later is asked itself, and the others still are not", async () => {
  const { seen, httpClient } = vaults((host, token) => host.startsWith("foreign") !== (token === "foreign"));
  const token = (tenantId?: string) => (tenantId === FOREIGN ? "foreign" : "home");
  await list(httpClient, "kv1", token);
  seen.length = 0;
  await expect(list(httpClient, "foreign1", token)).rejects.toThrow();
  expect(await list(httpClient, "foreign1", token)).toEqual([FOREIGN]);
  await list(httpClient, "kv2", token);
  expect(seen).toEqual([
    ...["foreign1 GET with a token", "foreign1 GET asks", "foreign1 GET with a token"],
    "kv2 GET with a token",
  ]);
});

test("once a token is refused, the next vault is asked itself", async () => {
  const { seen, httpClient } = vaults((_, token) => token === "old");
  await list(httpClient, "kv1");
  await expect(list(httpClient, "kv2", () => "old")).rejects.toThrow();
  await list(httpClient, "kv3");
  expect(seen.slice(2)).toEqual(["kv2 GET with a token", "kv3 GET asks", "kv3 GET with a token"]);
});

test("only vaults are answered for", async () => {
  const { seen, httpClient } = vaults();
  await list(httpClient, "kv1");
  await httpClient.sendRequest(createPipelineRequest({ url: "https://management.azure.com/subscriptions" }));
  expect(seen.at(-1)).toBe("management GET asks");
});
