import "server-only";
import path from "node:path";
import type { Outbound } from "./azure/vault-network";
import { CLOUDS, SIMULATED_AUTHORITY } from "./cloud";
import { ConfigError, readCommon, readReal, readSimulated, type Variables } from "./environment";
import { REAL_TIMING, simulatedTiming } from "./timing";

/** The identities of DESIGN section 4; in a small set-up several names may mean one identity. */
export const SERVICE_IDENTITIES = ["collector", "registrar", "planter", "granter", "drill"] as const;
export type ServiceIdentity = (typeof SERVICE_IDENTITIES)[number];

/** Those that only jobs act with. A web process that leaves the jobs to workers need not hold them, and asks them nothing. */
export const JOB_IDENTITIES: readonly ServiceIdentity[] = ["planter", "drill"];

export interface CloudProfile {
  name: "AzureCloud" | "AzureUSGovernment";
  /** Bases without a trailing slash. */
  authority: string;
  arm: string;
  logs: string;
  logsScope: string;
  vaultSuffix: string;
  vaultScope: string;
  /** What a managed identity's token must be for, to stand in for a client secret. */
  tokenExchangeScope: string;
  /** What a managed identity's token must be for, to sign in to Azure Database for PostgreSQL. */
  databaseScope: string;
  portal: string;
  graph: string;
  defenderPortal: string;
  entraPortal: string;
}

export interface Config {
  mode: "simulated" | "real";
  /** The simulated tenant's loopback address; only transport.ts, lib/auth and proxy.ts know what it means. */
  simulatorUrl: string | undefined;
  /** The one origin that browsers use, as `http://localhost:3000`. */
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
  /** GUID of the custom role that may list and delete but not read values; undefined = roles can't be used to remove. */
  retireRoleId: string | undefined;
  /** Base address of an OpenTelemetry collector; undefined = no traces and metrics are made. */
  otlpEndpoint: string | undefined;
  databaseUrl: string | undefined;
  /** Managed identity whose token is the password of `databaseUrl`; undefined = the address has what it needs. */
  databaseIdentityClientId: string | undefined;
  dataDir: string;
  /** False in a web process beside workers: it takes requests and leaves the jobs to them. */
  runJobs: boolean;
  /** Signs what is sent to the webhook; never stored, shown or logged. Undefined = nothing is sent. */
  webhookSecret: string | undefined;
  /** Poll and wait times, milliseconds: short in the simulated tenant, Azure's documented ones in a real one. */
  timing: {
    poll: number;
    /** How long questions to the log wait for others, to be asked with them as one. */
    gatherWithin: number;
    bulkFactsMaxAge: number;
    grantRetryFor: number;
    registerVisibleWithin: number;
    /** What Azure takes until a watchlist change shows, and until a new role works: for estimates only. */
    watchlistLag: number;
    grantLag: number;
    rowsAwaitedFor: number;
    factMaxAge: number;
    /** After a write of ours: how long until every rule has read its row, and the register may say something else of it. */
    rulesReadWithin: number;
    /** After a row has arrived: how long until a touch without an alert counts as missed. */
    missedAfter: number;
    collectEvery: number;
    /** How often a vault with honeytokens is read only so that its log has a row to show. */
    heartbeatEvery: number;
    /** After a kill: how long before an unanswered write that left no object counts as not made. */
    ambiguousWriteSettle: number;
    /** How long one request to Azure may take; shorter than `ambiguousWriteSettle` in a real tenant. */
    requestTimeout: number;
    /** A drill that shows no alert and incident by then is late, and has failed after the longer one. */
    drillLateAfter: number;
    drillFailsAfter: number;
    /** An incident that was closed as a drill is looked at again after this. */
    drillLookAgainAfter: number;
    /** Between two drills of many: a near-real-time rule raises 30 alerts a run at most, and real touches need room. */
    drillGap: number;
  };
  /** Where calls to the vaults' own addresses come from. */
  outbound: Outbound;
  /** Background collection stays this far inside ARM's token bucket (25 reads a second after a burst of 250). */
  collectorReadsPerSecond: number;
}

/**
 * The environment as one typed, validated object; the only reader of process.env.
 * Throws ConfigError with a sentence that names every variable that is missing or wrong.
 */
export function loadConfig(env: Variables = process.env): Config {
  const common = readCommon(env);
  return common.mode === "real" ? realConfig(env, common) : simulatedConfig(env, common);
}

/**
 * The configuration of a worker. Throws ConfigError, first of all where no server is named: nobody can join an embedded
 * store.
 */
export function loadWorkerConfig(env: Variables = process.env): Config {
  if (!env.DATABASE_URL?.trim()) {
    throw new ConfigError(
      "A worker needs DATABASE_URL, because the embedded store belongs to the web process, which runs the jobs itself.",
    );
  }
  return loadConfig(env);
}

/** Which mode the variables mean and where the product listens: what a program needs before there is a tenant. */
export function listenOn(
  env: Variables = process.env,
): Pick<Common, "mode" | "host" | "port" | "dataDir" | "databaseUrl"> {
  return readCommon(env);
}

/** Set by `npm start`: the process ends when the one that started it is gone. */
export function stopsWithParent(env: Variables = process.env): boolean {
  return env.STOP_WITH_PARENT === "1";
}

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

/** How much the log writes (LOG_LEVEL); `info` unless said, so that a bad value never stops the start. */
export function logLevel(env: Variables = process.env): (typeof LOG_LEVELS)[number] {
  return LOG_LEVELS.find((level) => level === env.LOG_LEVEL?.trim().toLowerCase()) ?? "info";
}

/** `next dev`: pages then need a looser content security policy. */
export function isDevelopment(env: Variables = process.env): boolean {
  return env.NODE_ENV === "development";
}

type Common = ReturnType<typeof readCommon>;

function realConfig(env: Variables, common: Common): Config {
  const real = readReal(env);
  const cloud = CLOUDS[real.cloud];
  const tenant = `${cloud.authority}/${real.tenantId}`;
  return {
    mode: "real",
    simulatorUrl: undefined,
    origin: real.origin,
    cloud,
    tenantId: real.tenantId,
    auth: {
      spaClientId: real.spaClientId,
      apiClientId: real.apiClientId,
      issuer: `${tenant}/v2.0`,
      authority: tenant,
      knownAuthorities: [new URL(cloud.authority).host],
      browserMetadata: undefined,
      serverMetadata: undefined,
      jwksUrl: `${tenant}/discovery/v2.0/keys`,
      apiSecret: real.apiSecret,
      federatedIdentityClientId: real.federatedIdentityClientId,
    },
    identities: real.identities,
    workspace: real.workspace,
    watchlistAlias: common.watchlistAlias ?? "HoneyTokens",
    plantRoleId: real.plantRoleId,
    retireRoleId: real.retireRoleId,
    otlpEndpoint: common.otlpEndpoint,
    databaseUrl: common.databaseUrl,
    databaseIdentityClientId: common.databaseIdentityClientId,
    dataDir: path.resolve(common.dataDir),
    runJobs: common.runJobs,
    webhookSecret: common.webhookSecret,
    outbound: common.outbound,
    timing: REAL_TIMING,
    collectorReadsPerSecond: 15,
  };
}

function simulatedConfig(env: Variables, common: Common): Config {
  const { url, apiSecret, tenant } = readSimulated(env);
  const origin = `http://localhost:${common.port}`;
  const label = `${SIMULATED_AUTHORITY}/${tenant.tenantId}`;
  return {
    mode: "simulated",
    simulatorUrl: url,
    origin,
    cloud: { ...CLOUDS.AzureCloud, authority: SIMULATED_AUTHORITY },
    tenantId: tenant.tenantId,
    auth: {
      spaClientId: tenant.spaClientId,
      apiClientId: tenant.apiClientId,
      issuer: `${label}/v2.0`,
      authority: label,
      knownAuthorities: [new URL(SIMULATED_AUTHORITY).host],
      // The browser reaches the sign-in through our own origin (proxy.ts), the server through the transport.
      browserMetadata: metadata(label, `${origin}/${tenant.tenantId}`),
      serverMetadata: metadata(label, label),
      jwksUrl: `${url}/${tenant.tenantId}/discovery/v2.0/keys`,
      apiSecret,
      federatedIdentityClientId: undefined,
    },
    identities: tenant.identities,
    workspace: tenant.workspace,
    watchlistAlias: common.watchlistAlias ?? tenant.watchlistAlias,
    plantRoleId: tenant.plantRoleId,
    retireRoleId: tenant.retireRoleId,
    otlpEndpoint: common.otlpEndpoint,
    databaseUrl: common.databaseUrl,
    databaseIdentityClientId: common.databaseIdentityClientId,
    dataDir: path.resolve(common.dataDir),
    runJobs: common.runJobs,
    webhookSecret: common.webhookSecret,
    outbound: common.outbound,
    timing: simulatedTiming(tenant.delays),
    collectorReadsPerSecond: 200,
  };
}

/** OpenID metadata with the endpoints at `base`: MSAL then discovers nothing, and does not ask for https. */
function metadata(label: string, base: string): string {
  return JSON.stringify({
    issuer: `${label}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
  });
}

export { ConfigError };
