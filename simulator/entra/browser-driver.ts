import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import type { SimResponse } from "../http";
import { type TestTenant, testRequest } from "../test-tenant";
import { handleEntra } from "./service";

const Fields = z.record(z.string(), z.unknown());

/** One text member of a JSON answer; empty when it is not there. */
export function field(answer: SimResponse, name: string): string {
  const value = Fields.safeParse(answer.body).data?.[name];
  return typeof value === "string" ? value : "";
}

/** The `error_codes` of Entra's JSON errors. */
export function codesOf(answer: SimResponse): unknown {
  return Fields.safeParse(answer.body).data?.error_codes;
}

/** Plays the browser application of a test tenant: authorize, pick an account, redeem. */
export class BrowserDriver {
  readonly verifier = randomBytes(32).toString("base64url");
  cookie = "";

  constructor(readonly tenant: TestTenant) {}

  get ids() {
    return this.tenant.context.identity;
  }

  get redirectUri(): string {
    return `${this.tenant.context.settings.appOrigin}/auth/redirect`;
  }

  get apiScope(): string {
    return `api://${this.ids.apiClientId}/access_as_user`;
  }

  /** The parameters that MSAL sends. */
  parameters(more: Record<string, string | undefined> = {}): Record<string, string> {
    const all: Record<string, string | undefined> = {
      client_id: this.ids.spaClientId,
      redirect_uri: this.redirectUri,
      response_type: "code",
      response_mode: "fragment",
      scope: `${this.apiScope} openid profile offline_access`,
      code_challenge: createHash("sha256").update(this.verifier).digest("base64url"),
      code_challenge_method: "S256",
      state: "state-1",
      nonce: "nonce-1",
      client_info: "1",
      ...more,
    };
    return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
  }

  async authorize(more: Record<string, string | undefined> = {}): Promise<SimResponse> {
    const query = new URLSearchParams(this.parameters(more)).toString();
    return this.send("GET", `oauth2/v2.0/authorize?${query}`);
  }

  async choose(page: SimResponse, persona: string): Promise<SimResponse> {
    const ticket = /name="ticket" value="([^"]+)"/.exec(String(page.body))?.[1] ?? "";
    const person = [...this.tenant.context.model.principals.values()].find((one) => one.persona === persona);
    const answer = await this.send("POST", "account/choose", { ticket, account: person?.oid ?? "" });
    this.cookie = answer.headers?.["set-cookie"]?.split(";")[0] ?? this.cookie;
    return answer;
  }

  /** The parameters that came back to the redirect URI, from fragment or query. */
  landed(answer: SimResponse): URLSearchParams {
    const url = new URL(answer.headers?.location ?? "http://nowhere.invalid");
    return url.hash ? new URLSearchParams(url.hash.slice(1)) : url.searchParams;
  }

  async token(form: Record<string, string>, headers: Record<string, string> = {}): Promise<SimResponse> {
    return this.send("POST", "oauth2/v2.0/token", form, {
      origin: this.tenant.context.settings.appOrigin,
      ...headers,
    });
  }

  async redeem(code: string, more: Record<string, string> = {}): Promise<SimResponse> {
    return this.token({
      client_id: this.ids.spaClientId,
      grant_type: "authorization_code",
      code,
      redirect_uri: this.redirectUri,
      code_verifier: this.verifier,
      client_info: "1",
      ...more,
    });
  }

  /** Signs in and returns the answer of the token endpoint. */
  async signIn(persona: string): Promise<Record<string, unknown>> {
    const chosen = await this.choose(await this.authorize(), persona);
    const answer = await this.redeem(this.landed(chosen).get("code") ?? "");
    if (answer.status !== 200) throw new Error(`Sign-in failed: ${JSON.stringify(answer.body)}`);
    return Fields.parse(answer.body);
  }

  /** The server of the product: redeems on behalf of a person, or for itself. */
  async asApi(form: Record<string, string>, secret = "api-secret-of-the-test"): Promise<SimResponse> {
    return this.send("POST", "oauth2/v2.0/token", {
      client_id: this.ids.apiClientId,
      client_secret: secret,
      ...form,
    });
  }

  async send(
    method: string,
    path: string,
    form?: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<SimResponse> {
    const request = testRequest(method, `/${this.ids.tenantId}/${path}`, {
      headers: { ...(this.cookie && { cookie: this.cookie }), ...headers },
      ...(form && { form }),
    });
    return handleEntra(request, this.tenant.context);
  }
}
