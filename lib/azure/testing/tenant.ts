import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { z } from "zod";
import { identityCredential } from "@/lib/auth/identities";
import { asUser } from "@/lib/auth/on-behalf-of";
import { type Config, loadConfig, type ServiceIdentity } from "@/lib/config";
import type { AzureAccess } from "@/lib/context";
import { httpClientFor } from "../transport";

const Ready = z.object({ ready: z.literal(true), url: z.string() });
const Tokens = z.object({ access_token: z.string() });
const Tenant = z.object({ personas: z.array(z.object({ upn: z.string(), oid: z.string() })) });

/** A simulated tenant as a process, reached as the product reaches it. */
export interface RunningTenant {
  config: Config;
  url: string;
  /** The access that one of the product's own identities has. */
  identity(name: ServiceIdentity): AzureAccess;
  /** The access token that a person's browser gets for the product, and the access on behalf of that person. */
  signIn(upn: string): Promise<{ token: string; azure: AzureAccess }>;
  /** All documents of a collection of the simulated tenant. */
  collection<T>(name: string, schema: z.ZodType<T>): Promise<T[]>;
  stop(): Promise<void>;
}

/** Starts `simulator/main.ts` with these options; sets the process's managed identity variables to it. */
export async function startTenant(...options: string[]): Promise<RunningTenant> {
  const secret = randomBytes(24).toString("base64url");
  const header = randomBytes(24).toString("base64url");
  const child = spawn(
    process.execPath,
    ["node_modules/tsx/dist/cli.mjs", "simulator/main.ts", "--port", "0", "--with-parent", ...options],
    {
      env: { ...process.env, SIMULATOR_API_SECRET: secret, SIMULATOR_IDENTITY_HEADER: header },
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", (code) => reject(new Error(`The simulator ended with ${code} before it was ready.`)));
  });
  const { url } = Ready.parse(JSON.parse(line));
  const tenant = await (await fetch(`${url}/sim/tenant`)).text();
  const { personas } = Tenant.parse(JSON.parse(tenant));
  const variables = { IDENTITY_ENDPOINT: `${url}/msi/token`, IDENTITY_HEADER: header };
  Object.assign(process.env, variables);
  const config = loadConfig({
    ...variables,
    SIMULATOR_URL: url,
    SIMULATOR_TENANT: tenant,
    SIMULATOR_API_SECRET: secret,
  });
  const httpClient = httpClientFor(config);
  const { cloud, outbound } = config;
  return {
    config,
    url,
    identity: (name) => ({ credential: identityCredential(config, name), httpClient, cloud, outbound }),
    signIn: async (upn) => {
      const oid = personas.find((persona) => persona.upn === upn)?.oid ?? "";
      const token = await browserToken(config, url, oid);
      return { token, azure: { credential: asUser(config, token), httpClient, cloud, outbound } };
    },
    collection: async (name, schema) => {
      const answer = await (await fetch(`${url}/sim/collections/${name}`)).json();
      return z.object({ documents: z.array(schema) }).parse(answer).documents;
    },
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** What a browser does: authorize with PKCE, pick the account, redeem the code. */
async function browserToken(config: Config, url: string, oid: string): Promise<string> {
  const { spaClientId, apiClientId } = config.auth;
  const redirect = `${config.origin}/auth/redirect`;
  const verifier = randomBytes(32).toString("base64url");
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const scope = `openid profile offline_access api://${apiClientId}/access_as_user`;
  const endpoint = `${url}/${config.tenantId}`;
  const query = new URLSearchParams({
    client_id: spaClientId,
    redirect_uri: redirect,
    response_type: "code",
    response_mode: "query",
    scope,
    code_challenge: challenge,
    code_challenge_method: "S256",
    prompt: "select_account",
  });
  const page = await (await fetch(`${endpoint}/oauth2/v2.0/authorize?${query}`)).text();
  const ticket = /name="ticket" value="([^"]+)"/.exec(page)?.[1] ?? "";
  const chosen = await fetch(`${endpoint}/account/choose`, {
    method: "POST",
    body: new URLSearchParams({ ticket, account: oid }),
    redirect: "manual",
  });
  const code = new URL(chosen.headers.get("location") ?? "http://no-location.invalid").searchParams.get("code") ?? "";
  const answer = await fetch(`${endpoint}/oauth2/v2.0/token`, {
    method: "POST",
    headers: { origin: config.origin },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: spaClientId,
      redirect_uri: redirect,
      code,
      code_verifier: verifier,
      scope,
    }),
  });
  return Tokens.parse(await answer.json()).access_token;
}
