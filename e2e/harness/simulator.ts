import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import type { TokenCredential } from "@azure/core-auth";
import { createDefaultHttpClient, type HttpClient } from "@azure/core-rest-pipeline";
import { z } from "zod";
import { cleanEnvironment } from "./product";

/** A simulated tenant of its own, with what SDK clients need to speak to it. */
export interface SimulatorProcess {
  url: string;
  /** What a process must send to get tokens of the tenant's managed identities (IDENTITY_HEADER). */
  identityHeader: string;
  /** Sends requests for Azure's hosts to this process, as the product's transport does, and notes them. */
  httpClient: HttpClient;
  /** Every request sent so far: `GET https://kv.vault.azure.net/secrets?api-version=...`. */
  sent: string[];
  /** Tokens of a managed identity of the tenant, by its client id. */
  identity(clientId: string): TokenCredential;
  stop(): Promise<void>;
}

const Ready = z.object({ ready: z.literal(true), url: z.string() });
const Token = z.object({ access_token: z.string(), expires_on: z.coerce.number() });

/** Starts `simulator/main.ts` on a free port; nothing of it is kept. */
export async function startSimulator(...options: string[]): Promise<SimulatorProcess> {
  const identityHeader = randomUUID();
  const child = spawn(
    process.execPath,
    ["node_modules/tsx/dist/cli.mjs", "simulator/main.ts", "--port", "0", ...options],
    {
      env: { ...cleanEnvironment(), SIMULATOR_IDENTITY_HEADER: identityHeader },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const firstLine = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", (code) => reject(new Error(`the simulator ended with ${code} before it was ready`)));
  });
  const { url } = Ready.parse(JSON.parse(await firstLine));
  const sent: string[] = [];
  return {
    url,
    identityHeader,
    sent,
    httpClient: loopback(url, sent),
    identity: (clientId) => ({
      getToken: async (scopes) => {
        const resource = [scopes].flat()[0]?.replace(/\/\.default$/, "") ?? "";
        const query = new URLSearchParams({ "api-version": "2019-08-01", resource, client_id: clientId });
        const response = await fetch(`${url}/msi/token?${query}`, { headers: { "x-identity-header": identityHeader } });
        const { access_token, expires_on } = Token.parse(await response.json());
        return { token: access_token, expiresOnTimestamp: expires_on * 1000 };
      },
    }),
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function loopback(simulatorUrl: string, sent: string[]): HttpClient {
  const inner = createDefaultHttpClient();
  return {
    sendRequest: async (request) => {
      const original = request.url;
      const { host, pathname, search } = new URL(original);
      sent.push(`${request.method} ${original}`);
      request.headers.set("x-forwarded-host", host);
      request.url = `${simulatorUrl}${pathname}${search}`;
      request.allowInsecureConnection = true;
      try {
        return await inner.sendRequest(request);
      } finally {
        request.url = original;
      }
    },
  };
}
