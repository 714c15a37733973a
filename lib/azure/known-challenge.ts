import "server-only";
import { createHttpHeaders, type PipelineRequest, type PipelineResponse } from "@azure/core-rest-pipeline";

const HEADER = "www-authenticate";

/**
 * Answers in the vaults' stead how they want to be asked. The clients ask each vault anew, by a request without a token that
 * is refused: half of all requests where thousands of vaults are worked on, and a row of `Authentication` in each log. All
 * vaults of a tenant say the same. The client checks this answer as it would the vault's own.
 */
export class KnownChallenge {
  readonly #tenantId: string;
  #header: string | undefined;
  /** Vaults of another tenant than their subscription: asked themselves from the second call on, and for themselves alone. */
  readonly #foreign = new Set<string>();

  constructor(tenantId: string) {
    this.#tenantId = tenantId.toLowerCase();
  }

  /** Sends a request to a vault, or answers that it needs a token. */
  async answer(request: PipelineRequest, send: () => Promise<PipelineResponse>): Promise<PipelineResponse> {
    const { host } = new URL(request.url);
    const asks = !request.headers.has("authorization");
    if (asks && this.#header !== undefined && !this.#foreign.has(host)) {
      return { request, status: 401, headers: createHttpHeaders({ [HEADER]: this.#header }), bodyAsText: "" };
    }
    const response = await send();
    if (response.status === 401) this.#learn(host, asks, response.headers.get(HEADER));
    return response;
  }

  /** A token that was refused may have been for the wrong thing: what is known is then asked for anew. */
  #learn(host: string, asks: boolean, header: string | undefined): void {
    const text = header?.toLowerCase() ?? "";
    const isWhole = text.includes('resource="') || text.includes('scope="');
    if (isWhole && !text.includes(`/${this.#tenantId}`)) this.#foreign.add(host);
    else if (!asks) this.#header = undefined;
    else if (isWhole) this.#header = header;
  }
}
