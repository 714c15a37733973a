import { ANYWHERE } from "@/lib/azure/vault-network";
import { CLOUDS, SIMULATED_AUTHORITY } from "@/lib/cloud";
import type { Config } from "@/lib/config";
import { REAL_TIMING } from "@/lib/timing";

const TENANT = "11111111-1111-4111-8111-111111111111";
const id = (digit: number) => `${String(digit).repeat(8)}-0000-4000-8000-000000000000`;

/** A whole configuration for unit tests; nothing listens at its addresses. */
export function testConfig(change: Partial<Config> = {}): Config {
  const mode = change.mode ?? "simulated";
  const cloud = mode === "real" ? CLOUDS.AzureCloud : { ...CLOUDS.AzureCloud, authority: SIMULATED_AUTHORITY };
  const authority = `${cloud.authority}/${TENANT}`;
  const identity = { clientId: id(5), objectId: id(6) };
  return {
    mode,
    simulatorUrl: mode === "simulated" ? "http://127.0.0.1:4280" : undefined,
    origin: "http://localhost:3000",
    cloud,
    tenantId: TENANT,
    auth: {
      spaClientId: id(2),
      apiClientId: id(3),
      issuer: `${authority}/v2.0`,
      authority,
      knownAuthorities: [new URL(authority).host],
      browserMetadata: undefined,
      serverMetadata: undefined,
      jwksUrl: `${authority}/discovery/v2.0/keys`,
      apiSecret: "secret",
      federatedIdentityClientId: undefined,
    },
    identities: { collector: identity, registrar: identity, planter: identity, granter: identity, drill: identity },
    workspace: {
      resourceId: `/subscriptions/${id(7)}/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/law`,
      customerId: id(8),
    },
    watchlistAlias: "HoneyTokens",
    plantRoleId: id(9),
    retireRoleId: id(1),
    otlpEndpoint: undefined,
    databaseUrl: undefined,
    databaseIdentityClientId: undefined,
    dataDir: "/nowhere",
    runJobs: true,
    webhookSecret: undefined,
    outbound: ANYWHERE,
    timing: REAL_TIMING,
    collectorReadsPerSecond: 15,
    ...change,
  };
}
