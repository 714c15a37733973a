import "server-only";
import type { TokenCredential } from "@azure/core-auth";
import type { HttpClient } from "@azure/core-rest-pipeline";
import { identityCredential } from "./auth/identities";
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
  const store = await openStore(config, (what, error) => log.error({ err: error }, `${what} failed`));
  const service: ServiceContext = {
    config,
    db: store.db,
    jobs: jobQueue(store),
    azure: identities(config),
    now: () => new Date(),
  };
  return { store, service };
}

/** The access of one caller over the wire that the product's own identities use. */
export function accessOf({ azure, config }: ServiceContext, credential: TokenCredential): AzureAccess {
  return { credential, httpClient: azure.collector.httpClient, cloud: config.cloud };
}

/** One access per identity; names that mean the same identity share one, and with it its clients and tokens. */
function identities(config: Config): Record<ServiceIdentity, AzureAccess> {
  const httpClient: HttpClient = httpClientFor(config);
  const byClient = new Map<string, AzureAccess>();
  const access = (name: ServiceIdentity): AzureAccess => {
    const { clientId } = config.identities[name];
    const made = { credential: identityCredential(config, name), httpClient, cloud: config.cloud };
    const shared = byClient.get(clientId) ?? made;
    byClient.set(clientId, shared);
    return shared;
  };
  return {
    collector: access("collector"),
    registrar: access("registrar"),
    planter: access("planter"),
    granter: access("granter"),
    drill: access("drill"),
  };
}
