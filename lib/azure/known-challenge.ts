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

  constructor(tenantId: string) {
    this.#tenantId = tenantId.toLowerCase();
  }

  /** Sends a request to a vault, or answers that it needs a token. */
  async answer(request: PipelineRequest, send: () => Promise<PipelineResponse>): Promise<PipelineResponse> {
    const asks = !request.headers.has("authorization");
    if (asks && this.#header !== undefined) {
      return { request, status: 401, headers: createHttpHeaders({ [HEADER]: this.#header }), bodyAsText: "" };
    }
    const response = await send();
    if (response.status === 401) this.#header = asks ? this.#ofThisTenant(response) : undefined;
    return response;
  }

  /** A vault may belong to another tenant than its subscription; what that one says holds for no other. */
  #ofThisTenant({ headers }: PipelineResponse): string | undefined {
    const header = headers.get(HEADER);
    return header?.toLowerCase().includes(`/${this.#tenantId}`) ? header : this.#header;
  }
}
