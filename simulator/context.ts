import type { SimRequest } from "./http";
import type { Model } from "./model";

/** Delays of the simulated tenant, milliseconds. Real ones by default; `npm start` shortens them and says so. */
export interface Delays {
  /** Audit row written -> a query can see it; drawn evenly between the two, per row. Real: 3 to 10 minutes. */
  ingestionMin: number;
  ingestionMax: number;
  /** Of 100 audit rows, how many take longer than that. Azure promises no longest time; 0 unless asked for. */
  ingestionLatePercent: number;
  /** The longest that a late row takes. */
  ingestionLateMax: number;
  /** Watchlist change -> `_GetWatchlist` shows it. Real: up to 5 minutes. */
  watchlist: number;
  /** Role assignment or access policy -> the data plane honours it. Real: up to 10 minutes. */
  grant: number;
  /** New diagnostic setting -> first row is written. Real: up to 90 minutes. */
  diagnostics: number;
  /** ARM change -> Resource Graph shows it. Real: seconds to minutes. */
  resourceGraph: number;
  /** Time between two runs of a near-real-time rule, and the arrivals that one run looks at. Real: 1 minute. */
  nearRealTimeCadence: number;
  /** How long ago the newest arrivals of such a run are. Real: 2 minutes. */
  nearRealTimeDelay: number;
  /** How long before its run a scheduled rule's period ends. Real: 5 minutes. */
  scheduledDelay: number;
  /** Alert -> its incident. Real: seconds to a minute. */
  incident: number;
  /** The same in a workspace of the Defender portal, where the incident comes from there. Real: up to 5 minutes. */
  defenderPortal: number;
  /** New policy assignment or changed resource -> its compliance state. Real: about 15 minutes. */
  policy: number;
  /** How long a time-bound role stands before it can be taken back. Real: 5 minutes, as callers report. */
  roleScheduleMinimum: number;
}

export interface Settings {
  port: number;
  seed: number;
  vaults: number;
  /** Over how many subscriptions the vaults lie; absent: about 200 in each. Only for a tenant that keeps nothing. */
  subscriptions?: number;
  /** Nothing stands in a planter's way in any vault (`openScenarios`). Only for a tenant that keeps nothing. */
  openEstate?: true;
  /** The product has not been set up: no Sentinel, register, rules, roles of its own, activity logs. Kept in the folder. */
  bare?: true;
  /** Folder for journal, keys and the note of seed, size and first start; none = nothing is kept. */
  dataDir?: string;
  /** Folder of Sentinel rules (ARM bodies as JSON) that the world starts with. */
  rulesDir?: string;
  /** Origin that the browser uses; redirect URIs are registered for it. */
  appOrigin: string;
  delays: Delays;
  /** The watched workspace is onboarded to the Defender portal, which then owns its incidents. */
  defenderPortal?: true;
  /** The tenant lacks Microsoft Entra ID P2, so it takes no time-bound role assignments. */
  withoutP2?: true;
  /** A clock that stands still until it is advanced; absent: the machine's. `start` counts for a new tenant only. */
  virtualClock?: { start?: number };
  /** Port of the side that speaks TLS under Azure's host names; 0 = any free one, absent = none. */
  tlsPort?: number;
  /** Faults that the tenant starts with: a JSON file. */
  faultsFile?: string;
  /** Milliseconds that the tenant's real clock is ahead of the machine's. */
  clockSkew?: number;
  /** ARM's token buckets and Resource Graph's quota answer 429, as the real ones do. Only tests switch it off. */
  throttle: boolean;
  /** A resource, or one permission of Microsoft Graph, that nobody consented to for the product's API registration. */
  withoutConsent?: string;
  /** The client secret of the API registration is past its end. */
  expiredSecret?: true;
  /** Where callers are, beside their public address; absent: in no network of the tenant. */
  callerNetwork?: CallerNetwork;
  /** On-behalf-of tokens for this service demand a second sign-in step first (`interaction_required`). */
  stepUp?: "arm" | "vault" | "logs";
}

/** A network that every caller is in. */
export interface CallerNetwork {
  /** Lower-case ids of the subnets, which have Key Vault's service endpoint. */
  subnets: readonly string[];
  /** Lower-case ids of the scopes whose private endpoints callers resolve and reach. */
  endpointScopes: readonly string[];
}

/** Everything that is fixed for the life of the tenant: derived from seed, size and first start. */
export interface TenantIdentity {
  tenantId: string;
  /** Client id of the browser application. */
  spaClientId: string;
  /** Client id of the product's API registration. */
  apiClientId: string;
  firstStart: number;
}

/** What every handler of every service gets. */
export interface Context {
  settings: Settings;
  identity: TenantIdentity;
  model: Model;
  /** Milliseconds since 1970: the time of the tenant's clock (`clock.ts`), the only one that handlers may read. */
  now(): number;
  /** Seeded; the same sequence for the same seed and journal is not promised, only its distribution. */
  random(): number;
}

/** The calling identity as its token says. */
export interface Caller {
  oid: string;
  /** Client that asked for the token. */
  appId: string;
  kind: "User" | "ServicePrincipal";
  upn?: string;
  name?: string;
  managedIdentityId?: string;
  /** Delegated permissions or application roles of a token for Microsoft Graph. */
  permissions?: string[];
}

/** One authenticated call to a service. */
export interface Call extends Context {
  request: SimRequest;
  caller: Caller;
}
