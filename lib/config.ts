import "server-only";

/** The identities of DESIGN section 4; in a small set-up several names may mean one identity. */
export const SERVICE_IDENTITIES = ["collector", "registrar", "planter", "granter", "drill"] as const;
export type ServiceIdentity = (typeof SERVICE_IDENTITIES)[number];

export interface CloudProfile {
  name: "AzureCloud" | "AzureUSGovernment";
  /** Bases without a trailing slash. */
  authority: string;
  arm: string;
  logs: string;
  logsScope: string;
  vaultSuffix: string;
  vaultScope: string;
  portal: string;
}

export interface Config {
  mode: "simulated" | "real";
  /** The simulated tenant's loopback address; only transport.ts, lib/auth and proxy.ts know what it means. */
  simulatorUrl: string | undefined;
  origin: string;
  cloud: CloudProfile;
  tenantId: string;
  auth: {
    spaClientId: string;
    apiClientId: string;
    /** Issuer of the access tokens, authority label and endpoints for browser and server. */
    issuer: string;
    authority: string;
    knownAuthorities: string[];
    /** Static metadata (JSON) for MSAL in the browser and on the server; undefined = discover. */
    browserMetadata: string | undefined;
    serverMetadata: string | undefined;
    jwksUrl: string;
    apiSecret: string | undefined;
    /** Managed identity that signs the client assertion instead of a secret. */
    federatedIdentityClientId: string | undefined;
  };
  identities: Record<ServiceIdentity, { clientId: string; objectId: string }>;
  workspace: { resourceId: string; customerId: string };
  watchlistAlias: string;
  /** GUID of the custom role that may set and create but neither read nor delete. */
  plantRoleId: string;
  databaseUrl: string | undefined;
  dataDir: string;
  /** Poll and wait times, milliseconds: short in the simulated tenant, Azure's documented ones in a real one. */
  timing: {
    poll: number;
    bulkFactsMaxAge: number;
    grantRetryFor: number;
    registerVisibleWithin: number;
    rowsAwaitedFor: number;
    factMaxAge: number;
    collectEvery: number;
    /** After a kill: how long before an unanswered write that left no object counts as not made. */
    ambiguousWriteSettle: number;
  };
  /** Background collection stays this far inside ARM's token bucket (25 reads a second after a burst of 250). */
  collectorReadsPerSecond: number;
}

/** A configuration that the product must not start with; the message names what is missing or wrong. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** The environment as one typed, validated object. Throws ConfigError. */
export function loadConfig(_env: Readonly<Record<string, string | undefined>> = process.env): Config {
  throw new ConfigError("being written");
}
