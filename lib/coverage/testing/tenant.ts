import "server-only";
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { httpClientFor } from "@/lib/azure/transport";
import { loadConfig, SERVICE_IDENTITIES } from "@/lib/config";
import type { AzureAccess, Role, ServiceContext, UserContext } from "@/lib/context";
import { ruleFiles } from "@/lib/detection/rule-export";
import { openStore, type Store } from "@/lib/store/open";

export type Persona = "Key Vault owner" | "SOC analyst" | "Administrator";

/** The product's insides on a simulated tenant of their own: a store, the service identities and people. */
export interface TestTenant {
  url: string;
  /** What a process of the product gets to know about it. */
  variables: Record<string, string>;
  /** Every request for Azure that was sent: `GET https://management.azure.com/...`. */
  sent: string[];
  service: ServiceContext;
  store: Store;
  /** What a request of this person would get; signs in at the simulated tenant. */
  as(persona: Persona): Promise<UserContext>;
  /** A token of this person for the product's own routes. */
  tokenOf(persona: Persona): Promise<string>;
  /** Documents of the simulated tenant: the truth that the product does not see directly. */
  collection<T>(name: string, schema: z.ZodType<T>): Promise<T[]>;
  /** Closes the store, for a process of the product that goes on with it: the variables that this one needs. */
  handOver(): Promise<Record<string, string>>;
  stop(): Promise<void>;
}

const IDENTITY_HEADER = "a header of this test's own identity endpoint";
const SECRET = "a secret of this test's own API registration";
const ORIGIN = "http://localhost:3000";

const Tenant = z.object({
  tenantId: z.string(),
  spaClientId: z.string(),
  apiClientId: z.string(),
  personas: z.array(z.object({ label: z.string(), upn: z.string(), oid: z.string() })),
});

const ROLES: Record<Persona, Role> = {
  "Key Vault owner": "KeyVault.Owner",
  "SOC analyst": "Soc.Analyst",
  Administrator: "Platform.Admin",
};

/** Starts everything; `options` go to the simulator. Call `stop` at the end, also after a failure. */
export function startTenant(...options: string[]): Promise<TestTenant> {
  return startTenantOn(undefined, ...options);
}

/** The same with the store on a server. */
export async function startTenantOn(databaseUrl: string | undefined, ...options: string[]): Promise<TestTenant> {
  const folder = mkdtempSync(path.join(tmpdir(), "coverage-"));
  const rules = path.join(folder, "rules");
  mkdirSync(rules);
  for (const { name, text } of ruleFiles()) writeFileSync(path.join(rules, name), text);
  const simulator = await startSimulator(["--fast", "--rules", rules, "--app-origin", ORIGIN, ...options]);
  const note: unknown = await (await fetch(`${simulator.url}/sim/tenant`)).json();
  const variables = {
    SIMULATOR_URL: simulator.url,
    SIMULATOR_TENANT: JSON.stringify(note),
    SIMULATOR_API_SECRET: SECRET,
    IDENTITY_ENDPOINT: `${simulator.url}/msi/token`,
    IDENTITY_HEADER,
    DATA_DIR: folder,
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
    ...outboundOf(options),
  };
  const config = loadConfig(variables);
  const sent: string[] = [];
  const wire = httpClientFor(config);
  const httpClient: AzureAccess["httpClient"] = {
    sendRequest: (request) => {
      sent.push(`${request.method} ${request.url}`);
      return wire.sendRequest(request);
    },
  };
  const store = await openStore(config);
  const access = (credential: AzureAccess["credential"]): AzureAccess => ({
    credential,
    httpClient,
    cloud: config.cloud,
    outbound: config.outbound,
  });
  const identities = SERVICE_IDENTITIES.map((name) => [
    name,
    access(managedIdentity(simulator.url, config.identities[name].clientId)),
  ]);
  const service: ServiceContext = {
    config,
    db: store.db,
    jobs: { enqueue: async () => {} },
    // One entry per name of the list that the record is keyed by.
    azure: Object.fromEntries(identities) as ServiceContext["azure"],
    now: () => new Date(),
  };
  let handedOver = false;
  const personOf = (persona: Persona) => {
    const tenant = Tenant.parse(note);
    const person = tenant.personas.find(({ label }) => label === persona);
    if (!person) throw new Error(`no persona ${persona}`);
    return { tenant, person };
  };
  return {
    url: simulator.url,
    variables,
    sent,
    service,
    store,
    as: async (persona) => {
      const { tenant, person } = personOf(persona);
      const user = {
        tid: tenant.tenantId,
        oid: person.oid,
        name: person.upn,
        upn: person.upn,
        roles: [ROLES[persona]],
      };
      const own = await signIn(simulator.url, tenant, person.oid);
      return { ...service, user, asUser: access(onBehalfOf(simulator.url, tenant, own)), requestId: "test" };
    },
    tokenOf: async (persona) => {
      const { tenant, person } = personOf(persona);
      return signIn(simulator.url, tenant, person.oid);
    },
    collection: async (name, schema) => {
      const answer: unknown = await (await fetch(`${simulator.url}/sim/collections/${name}`)).json();
      return z.object({ documents: z.array(schema) }).parse(answer).documents;
    },
    handOver: async () => {
      handedOver = true;
      await store.close();
      return variables;
    },
    stop: async () => {
      if (!handedOver) await store.close();
      await simulator.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const Ready = z.object({ ready: z.literal(true), url: z.string() });

async function startSimulator(options: string[]): Promise<{ url: string; stop(): Promise<void> }> {
  const child = spawn(
    process.execPath,
    ["node_modules/tsx/dist/cli.mjs", "simulator/main.ts", "--port", "0", ...options],
    {
      env: { ...process.env, SIMULATOR_API_SECRET: SECRET, SIMULATOR_IDENTITY_HEADER: IDENTITY_HEADER },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", (code) => reject(new Error(`the simulator ended with ${code} before it was ready`)));
  });
  const { url } = Ready.parse(JSON.parse(line));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  return { url, stop };
}

const Token = z.object({ access_token: z.string(), expires_on: z.coerce.number() });

function managedIdentity(url: string, clientId: string): AzureAccess["credential"] {
  return {
    getToken: async (scopes) => {
      const resource = [scopes].flat()[0]?.replace(/\/\.default$/, "") ?? "";
      const query = new URLSearchParams({ "api-version": "2019-08-01", resource, client_id: clientId });
      const answer = await fetch(`${url}/msi/token?${query}`, { headers: { "x-identity-header": IDENTITY_HEADER } });
      const { access_token, expires_on } = Token.parse(await answer.json());
      return { token: access_token, expiresOnTimestamp: expires_on * 1000 };
    },
  };
}

const Tokens = z.object({ access_token: z.string(), expires_in: z.coerce.number() });

/** The browser's part of a sign-in: authorize, pick an account, redeem; answers with the token for the product. */
async function signIn(url: string, tenant: z.infer<typeof Tenant>, oid: string): Promise<string> {
  const base = `${url}/${tenant.tenantId}`;
  const verifier = randomBytes(32).toString("base64url");
  const redirectUri = `${ORIGIN}/auth/redirect`;
  const query = new URLSearchParams({
    client_id: tenant.spaClientId,
    redirect_uri: redirectUri,
    response_type: "code",
    response_mode: "query",
    scope: `api://${tenant.apiClientId}/access_as_user openid profile offline_access`,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    state: "s",
    nonce: "n",
  });
  const page = await (await fetch(`${base}/oauth2/v2.0/authorize?${query}`)).text();
  const ticket = /name="ticket" value="([^"]+)"/.exec(page)?.[1] ?? "";
  const chosen = await fetch(`${base}/account/choose`, {
    method: "POST",
    body: new URLSearchParams({ ticket, account: oid }),
    redirect: "manual",
  });
  const code = new URL(chosen.headers.get("location") ?? "http://nowhere.invalid").searchParams.get("code") ?? "";
  const redeem = {
    client_id: tenant.spaClientId,
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  };
  // An origin is what tells the browser application's redemption from the server's.
  return (await askToken(url, tenant, redeem, { origin: ORIGIN })).access_token;
}

/** What the product is told of the network that the tenant takes it to be in. */
function outboundOf(options: readonly string[]): Record<string, string> {
  const after = (flag: string) => (options.includes(flag) ? (options[options.indexOf(flag) + 1] ?? "") : "");
  return {
    OUTBOUND_SUBNET_IDS: after("--caller-subnets"),
    PRIVATE_ENDPOINT_SCOPES: after("--caller-endpoint-scopes"),
  };
}

/** The server's part: tokens for Azure, on behalf of the person whose token this is. */
function onBehalfOf(url: string, tenant: z.infer<typeof Tenant>, own: string): AzureAccess["credential"] {
  return {
    getToken: async (scopes) => {
      const form = {
        client_id: tenant.apiClientId,
        client_secret: SECRET,
        grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
        requested_token_use: "on_behalf_of",
        assertion: own,
        scope: [scopes].flat().join(" "),
      };
      const { access_token, expires_in } = await askToken(url, tenant, form);
      return { token: access_token, expiresOnTimestamp: Date.now() + expires_in * 1000 };
    },
  };
}

async function askToken(
  url: string,
  tenant: z.infer<typeof Tenant>,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<z.infer<typeof Tokens>> {
  const answer = await fetch(`${url}/${tenant.tenantId}/oauth2/v2.0/token`, {
    method: "POST",
    headers,
    body: new URLSearchParams(form),
  });
  if (!answer.ok) throw new Error(`the token endpoint answered ${answer.status}: ${await answer.text()}`);
  return Tokens.parse(await answer.json());
}
