/** One request of a client and its answer, as they went over the wire. */
export interface Exchange {
  /** What the program was about to show: `vaults: create`. Several exchanges may belong to one step. */
  step: string;
  method: string;
  /** As the client meant it, host of Azure included. */
  url: string;
  /** Lower-case names. */
  requestHeaders: Record<string, string>;
  /** Parsed JSON; undefined where there was no body. */
  requestBody: unknown;
  status: number;
  responseHeaders: Record<string, string>;
  responseBody: unknown;
}

/** The first call of a Key Vault client is sent without its body, only to be told where to sign in. */
export function isChallenge({ status, url }: Exchange): boolean {
  return status === 401 && new URL(url).hostname.endsWith(".vault.azure.net");
}
