import "server-only";
import type { AzureAccess } from "@/lib/context";
import { pause } from "@/lib/pause";
import { azureErrorOf } from "./azure-error";
import { isAmbiguous } from "./parse-error";

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

/** Remembers clients by caller and key, least recently used out: a client keeps its token until it expires. */
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

/** So often one page is asked for before the list is given up. */
const PAGE_TRIES = 4;
const PAGE_PAUSE_MS = 500;

/**
 * Every item of a list of many pages. A page whose answer did not come, came in half or was put off is asked for again from
 * where it begins: on a bad line a list that starts over each time never comes to its end.
 *
 * @param pagesFrom the list's `byPage`, from a page on
 * @param tokenOf where the page after this one begins; undefined = it is the last
 */
export async function drainByPage<T>(
  pagesFrom: (from: { continuationToken?: string }) => AsyncIterable<T[]>,
  tokenOf: (page: T[]) => string | undefined,
): Promise<T[]> {
  const all: T[] = [];
  let token: string | undefined;
  for (let failed = 0; ; ) {
    try {
      for await (const page of pagesFrom(token === undefined ? {} : { continuationToken: token })) {
        all.push(...page);
        failed = 0;
        token = tokenOf(page);
        if (token === undefined) return all;
      }
      return all;
    } catch (error) {
      if (++failed >= PAGE_TRIES || !mayComeYet(error)) throw error;
      await pause(failed * PAGE_PAUSE_MS);
    }
  }
}

/** Also a token whose time was over in the middle of a long list: the next request takes a new one. */
function mayComeYet(error: unknown): boolean {
  return isAmbiguous(error) || [401, 429].includes(azureErrorOf(error)?.status ?? 0);
}
