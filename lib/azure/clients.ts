import "server-only";
import type { AzureAccess } from "@/lib/context";

/** Clients kept per caller: enough for one board or deployment chunk, little enough for a fleet of vaults. */
const KEPT_MAX = 64;

/** Options that every ARM client of either generation takes: our wire, our cloud's endpoint and token scope. */
export function armOptions(azure: AzureAccess) {
  const scopes = [`${azure.cloud.arm}/.default`];
  return {
    httpClient: azure.httpClient,
    endpoint: azure.cloud.arm,
    /** TypeSpec clients. */
    credentials: { scopes },
    /** AutoRest clients. */
    credentialScopes: scopes,
  };
}

/** Remembers clients by caller and key, least recently used out: a Key Vault client keeps its challenge, so a call costs one request. */
export function keepPerAccess<C>(make: (azure: AzureAccess, key: string) => C): (azure: AzureAccess, key: string) => C {
  const kept = new WeakMap<AzureAccess, Map<string, C>>();
  return (azure, key) => {
    const clients = kept.get(azure) ?? new Map<string, C>();
    kept.set(azure, clients);
    const client = clients.get(key) ?? make(azure, key);
    clients.delete(key);
    clients.set(key, client);
    const [oldest] = clients.keys();
    if (clients.size > KEPT_MAX && oldest !== undefined) clients.delete(oldest);
    return client;
  };
}

/** Every item of a paged answer. */
export async function drain<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of pages) all.push(item);
  return all;
}
