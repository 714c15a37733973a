import { describe, expect, test } from "vitest";
import { ConfigError, loadConfig, loadWorkerConfig } from "./config";
import { REAL_TIMING } from "./timing";

const GUID = "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f";
const WORKSPACE = `/subscriptions/${GUID}/resourceGroups/rg-security/providers/Microsoft.OperationalInsights/workspaces/law`;

const REAL = {
  AZURE_TENANT_ID: GUID,
  AUTH_SPA_CLIENT_ID: GUID,
  AUTH_API_CLIENT_ID: GUID,
  AUTH_API_CLIENT_SECRET: "kept-secret",
  APP_ORIGIN: "https://honeytokens.contoso.test",
  SENTINEL_WORKSPACE_RESOURCE_ID: WORKSPACE,
  SENTINEL_WORKSPACE_ID: GUID,
  PLANTER_CLIENT_ID: GUID,
  PLANTER_OBJECT_ID: GUID,
  PLANT_ROLE_ID: GUID,
};

const identity = { clientId: GUID, objectId: GUID };
const SIMULATED = {
  SIMULATOR_URL: "http://127.0.0.1:4280",
  SIMULATOR_API_SECRET: "s",
  IDENTITY_ENDPOINT: "http://127.0.0.1:4280/msi/token",
  IDENTITY_HEADER: "h",
  SIMULATOR_TENANT: JSON.stringify({
    tenantId: GUID,
    spaClientId: GUID,
    apiClientId: GUID,
    workspace: { resourceId: WORKSPACE, customerId: GUID },
    identities: { collector: identity, registrar: identity, planter: identity, granter: identity, drill: identity },
    plantRoleId: GUID,
    retireRoleId: GUID,
    watchlistAlias: "HoneyTokens",
    delays: {
      ingestionMin: 2000,
      ingestionMax: 4000,
      watchlist: 1500,
      grant: 1000,
      diagnostics: 3000,
      resourceGraph: 500,
    },
  }),
};

function refusal(env: Record<string, string | undefined>): string {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("it started");
}

describe("three modes", () => {
  test("all Azure settings make a real tenant, with Azure's documented waits", () => {
    const config = loadConfig(REAL);
    expect(config.mode).toBe("real");
    expect(config.simulatorUrl).toBeUndefined();
    expect(config.auth.issuer).toBe(`https://login.microsoftonline.com/${GUID}/v2.0`);
    expect(config.timing).toEqual(REAL_TIMING);
    expect(config.identities.drill).toEqual(config.identities.planter);
  });

  test("a running simulated tenant and no Azure setting make a simulated one, on the port that was asked for", () => {
    const config = loadConfig({ ...SIMULATED, PORT: "3001" });
    expect(config.mode).toBe("simulated");
    expect(config.origin).toBe("http://localhost:3001");
    expect(config.cloud.authority).toBe("https://entra-simulated.invalid");
    expect(JSON.parse(config.auth.browserMetadata ?? "").token_endpoint).toMatch(/^http:\/\/localhost:3001\//);
    expect(config.timing.grantRetryFor).toBeLessThan(REAL_TIMING.grantRetryFor);
  });

  test.each(Object.keys(REAL).filter((name) => name !== "AUTH_API_CLIENT_SECRET"))(
    "half a configuration without %s is refused by name",
    (name) => {
      expect(refusal({ ...REAL, [name]: undefined })).toContain(name);
      expect(refusal({ ...REAL, [name]: "  " })).toContain(name);
    },
  );

  test("every missing name is told at once, and a simulated tenant never steps in", () => {
    const message = refusal({ ...SIMULATED, AZURE_TENANT_ID: GUID });
    for (const name of Object.keys(REAL).slice(1)) expect(message).toContain(name);
    expect(message).toContain("AUTH_API_FEDERATED_CLIENT_ID");
  });

  test("real and simulated settings together are refused", () => {
    expect(refusal({ ...REAL, ...SIMULATED })).toContain("SIMULATOR_URL");
  });

  test("neither one nor the other names the command that starts the product", () => {
    expect(refusal({})).toContain("npm start");
    expect(refusal({ ...SIMULATED, IDENTITY_HEADER: undefined })).toContain("IDENTITY_HEADER");
  });
});

describe("values", () => {
  test.each([
    ["AZURE_TENANT_ID", "contoso"],
    ["AZURE_CLOUD", "AzureChinaCloud"],
    ["APP_ORIGIN", "http://honeytokens.contoso.test"],
    ["APP_ORIGIN", "https://honeytokens.contoso.test/path"],
    ["SENTINEL_WORKSPACE_RESOURCE_ID", "law-sentinel"],
    ["WATCHLIST_ALIAS", "a b"],
    ["DATABASE_URL", "mysql://x"],
    ["RUN_JOBS", "never"],
    ["PORT", "70000"],
    ["OUTBOUND_ADDRESSES", "203.0.113.7, 203.0.113.0/24"],
    ["OUTBOUND_SUBNET_IDS", "apps"],
    ["PRIVATE_ENDPOINT_SCOPES", "/subscriptions"],
  ])("%s=%s is refused by name", (name, value) => {
    expect(refusal({ ...REAL, [name]: value })).toContain(name);
  });

  test("where calls come from is a list, compared in one spelling, and empty when left out", () => {
    const group = `/subscriptions/${GUID}/resourceGroups/rg-Net`;
    const subnet = `${group}/providers/Microsoft.Network/virtualNetworks/v/subnets/apps`;
    const named = {
      OUTBOUND_ADDRESSES: "203.0.113.7, 203.0.113.8",
      OUTBOUND_SUBNET_IDS: subnet,
      PRIVATE_ENDPOINT_SCOPES: `${group}/,/subscriptions/${GUID}`,
    };
    expect(loadConfig({ ...REAL, ...named }).outbound).toEqual({
      addresses: ["203.0.113.7", "203.0.113.8"],
      subnets: [subnet.toLowerCase()],
      endpointScopes: [group.toLowerCase(), `/subscriptions/${GUID}`],
    });
    const none = { addresses: [], subnets: [], endpointScopes: [] };
    expect(loadConfig({ ...REAL, OUTBOUND_SUBNET_IDS: "" }).outbound).toEqual(none);
  });

  test("no value reaches a refusal: some are secrets", () => {
    expect(refusal({ ...REAL, DATABASE_URL: "mysql://user:hunter2@db", PORT: "x" })).not.toContain("hunter2");
  });

  test("a web process may leave the jobs to others only where there can be others", () => {
    const server = { ...REAL, DATABASE_URL: "postgres://db/honeytokens" };
    expect(loadConfig(server).runJobs).toBe(true);
    expect(loadConfig({ ...server, RUN_JOBS: "no" }).runJobs).toBe(false);
    expect(refusal({ ...REAL, RUN_JOBS: "no" })).toContain("DATABASE_URL");
  });

  test("a worker starts only on a server", () => {
    expect(() => loadWorkerConfig({ ...REAL, DATABASE_URL: " " })).toThrow(/^A worker needs DATABASE_URL/);
    expect(loadWorkerConfig({ ...REAL, DATABASE_URL: "postgres://db/honeytokens" }).mode).toBe("real");
  });

  test("the US government cloud has its own endpoints throughout", () => {
    const { cloud, auth } = loadConfig({ ...REAL, AZURE_CLOUD: "AzureUSGovernment" });
    expect(cloud.arm).toBe("https://management.usgovcloudapi.net");
    expect(auth.jwksUrl).toContain("login.microsoftonline.us");
    expect(Object.values(cloud).join(" ")).not.toMatch(/azure\.com|azure\.net|microsoftonline\.com|loganalytics\.io/);
  });

  test("a federated identity may stand in for the secret", () => {
    const config = loadConfig({ ...REAL, AUTH_API_CLIENT_SECRET: undefined, AUTH_API_FEDERATED_CLIENT_ID: GUID });
    expect(config.auth).toMatchObject({ apiSecret: undefined, federatedIdentityClientId: GUID });
  });

  test("an identity of its own needs both ids", () => {
    const other = GUID.replaceAll("0f", "a1");
    expect(refusal({ ...REAL, COLLECTOR_CLIENT_ID: other })).toContain("COLLECTOR_OBJECT_ID");
    const config = loadConfig({ ...REAL, COLLECTOR_CLIENT_ID: other, COLLECTOR_OBJECT_ID: other });
    expect(config.identities.collector.clientId).toBe(other);
    expect(config.identities.granter).toEqual(config.identities.planter);
  });

  test.each(["0.0.0.0", "192.168.1.10", "honeytokens.contoso.test"])(
    "the simulated tenant, which has no passwords, is never bound to %s",
    (HOST) => {
      expect(refusal({ ...SIMULATED, HOST })).toContain("HOST");
      expect(loadConfig({ ...REAL, HOST }).mode).toBe("real");
    },
  );

  test("a simulated tenant on another machine is refused", () => {
    expect(refusal({ ...SIMULATED, SIMULATOR_URL: "http://10.0.0.5:4280" })).toContain("SIMULATOR_URL");
  });

  test.each([
    ["without a database", undefined, "DATABASE_URL"],
    ["with a password beside it", "postgres://id:hunter2@psql.test/db?sslmode=verify-full", "password"],
    ["without a user", "postgres://psql.test/db?sslmode=verify-full", "user"],
    ["over a connection that is not encrypted", "postgres://id@psql.test/db", "sslmode=verify-full"],
    ["to a server that need not prove its name", "postgres://id@psql.test/db?sslmode=require", "sslmode=verify-full"],
    ["with more in the address", "postgres://id@psql.test/db?sslmode=verify-full&host=evil.test", "nothing else"],
  ])("a database token %s is refused", (_, DATABASE_URL, word) => {
    const message = refusal({ ...REAL, DATABASE_URL, DATABASE_IDENTITY_CLIENT_ID: GUID });
    expect(message).toContain("DATABASE_IDENTITY_CLIENT_ID");
    expect(message).toContain(word);
    expect(message).not.toContain("hunter2");
  });

  test("a database token goes to a server that proves its name, or to this machine", () => {
    for (const DATABASE_URL of ["postgres://id@psql.test/db?sslmode=verify-full", "postgres://id@127.0.0.1/db"]) {
      const config = loadConfig({ ...REAL, DATABASE_URL, DATABASE_IDENTITY_CLIENT_ID: GUID });
      expect(config.databaseIdentityClientId).toBe(GUID);
    }
  });
});
