import http from "node:http";
import { afterEach, expect, test, vi } from "vitest";
import { portOf } from "@/scripts/test/loopback";
import { managedIdentity } from "./identities";

let server: http.Server | undefined;
afterEach(() => {
  vi.unstubAllEnvs();
  server?.closeAllConnections();
  server?.close();
});

test("an identity endpoint that never answers is given up, with who was meant and what to do", async () => {
  server = http.createServer(() => {});
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  vi.stubEnv("IDENTITY_ENDPOINT", `http://127.0.0.1:${portOf(server)}/msi/token`);
  vi.stubEnv("IDENTITY_HEADER", "a header");
  const credential = managedIdentity("00000000-0000-4000-8000-0000000000aa", "planter", 500);
  await expect(credential.getToken("https://vault.azure.net/.default")).rejects.toMatchObject({
    failure: { code: "unavailable", message: expect.stringContaining("planter"), fix: expect.stringMatching(/\.$/) },
    cause: { message: expect.stringContaining("in time") },
  });
});
