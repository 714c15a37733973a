import "server-only";
import type { TokenCredential } from "@azure/core-auth";
import type { HttpClient } from "@azure/core-rest-pipeline";
import { databasePassword, identityCredential } from "./auth/identities";
import { pacedForArm } from "./azure/arm-pace";
import { httpClientFor } from "./azure/transport";
import type { Config, ServiceIdentity } from "./config";
import type { AzureAccess, ServiceContext } from "./context";
import { log } from "./log";
import { jobQueue } from "./store/jobs";
import { openStore, type Store } from "./store/open";

/**
 * The insides that a web process and a worker share: an open store, the job queue and the product's own identities.
 *
 * @throws AppError `unavailable` when the store cannot be opened, `conflict` when it belongs to another tenant
 */
export async function openService(config: Config): Promise<{ store: Store; service: ServiceContext }> {
  const onProblem = (what: string, error: unknown) => log.error({ err: error }, `${what} failed`);
  const store = await openStore(config, onProblem, databasePassword(config));
  const service: ServiceContext = {
    config,
    db: store.db,
    jobs: jobQueue(store),
    azure: ownIdentities(config),
    now: () => new Date(),
  };
  return { store, service };
}

const wires = new WeakMap<Config, HttpClient>();

/** The one wire of a process, which keeps its connections. */
function wireOf(config: Config): HttpClient {
  const wire = wires.get(config) ?? httpClientFor(config);
  wires.set(config, wire);
  return wire;
}

/** The access of a person. Not paced: ARM counts each person by themselves, and nobody asks for thousands of things. */
export function accessOf({ config }: Pick<ServiceContext, "config">, credential: TokenCredential): AzureAccess {
  return { credential, httpClient: wireOf(config), cloud: config.cloud, outbound: config.outbound };
}

/**
 * One access per identity; names that mean the same identity share one, and with it its clients, its tokens and what is
 * left in its buckets at ARM.
 */
export function ownIdentities(config: Config): Record<ServiceIdentity, AzureAccess> {
  const byClient = new Map<string, AzureAccess>();
  const access = (name: ServiceIdentity): AzureAccess => {
    const { clientId } = config.identities[name];
    const shared = byClient.get(clientId);
    if (shared) return shared;
    const httpClient = pacedForArm(wireOf(config), config.cloud);
    const { cloud, outbound } = config;
    const made = { credential: identityCredential(config, name), httpClient, cloud, outbound };
    byClient.set(clientId, made);
    return made;
  };
  return {
    collector: access("collector"),
    registrar: access("registrar"),
    planter: access("planter"),
    granter: access("granter"),
    drill: access("drill"),
  };
}
