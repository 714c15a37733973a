import http from "node:http";
import { afterEach, expect, test, vi } from "vitest";
import { CLOUDS } from "@/lib/cloud";
import { testConfig } from "@/scripts/test/config";
import { portOf } from "@/scripts/test/loopback";
import { databasePassword } from "./identities";

// A file of its own: the SDK keeps the first identity endpoint of a process.
let server: http.Server | undefined;
afterEach(() => {
  vi.unstubAllEnvs();
  server?.closeAllConnections();
  server?.close();
});

test("the database's password is a token of its identity for the database service, renewed before it ends", async () => {
  const asked: URL[] = [];
  let lifetime = 60;
  server = http.createServer((request, response) => {
    asked.push(new URL(request.url ?? "", "http://127.0.0.1"));
    const expires_on = Math.floor(Date.now() / 1000) + lifetime;
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({ access_token: `token-${asked.length}`, expires_on, token_type: "Bearer", resource: "" }),
    );
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  vi.stubEnv("IDENTITY_ENDPOINT", `http://127.0.0.1:${portOf(server)}/msi/token`);
  vi.stubEnv("IDENTITY_HEADER", "a header");
  const databaseIdentityClientId = "00000000-0000-4000-8000-0000000000bb";
  const password = databasePassword(testConfig({ databaseIdentityClientId, cloud: CLOUDS.AzureCloud }));
  expect(await password?.()).toBe("token-1");
  // It would end within five minutes, so the next connection gets another, and that one is kept.
  lifetime = 86_400;
  expect(await password?.()).toBe("token-2");
  expect(await password?.()).toBe("token-2");
  expect(asked.map(({ searchParams }) => [searchParams.get("resource"), searchParams.get("client_id")])).toEqual(
    Array.from({ length: 2 }, () => ["https://ossrdbms-aad.database.windows.net", databaseIdentityClientId]),
  );
  expect(databasePassword(testConfig({}))).toBeUndefined();
});
