import { createHttpHeaders, type HttpClient } from "@azure/core-rest-pipeline";
import { ClientAuthError, InteractionRequiredAuthError, ServerError } from "@azure/msal-node";
import { describe, expect, test } from "vitest";
import { AppError } from "@/lib/errors";
import { networkFor } from "./network";
import { toSignInError } from "./on-behalf-of";

const CLAIMS = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
const entra = (code: string, text: string, suberror = "") => new ServerError(code, "id", text, suberror);
const interaction = (text: string, claims = "", suberror = "") =>
  new InteractionRequiredAuthError("interaction_required", "id", text, suberror, "", "", claims);

describe("what a failed exchange means for the person", () => {
  test.each([
    ["more is wanted, and Entra says what", interaction("AADSTS50076: multi-factor", CLAIMS), "step_up"],
    ["more is wanted, without saying what", interaction("AADSTS50058: sign in"), "signed_out"],
    [
      "the person's token has expired",
      entra("invalid_grant", "AADSTS500133: Assertion is not within its valid time range."),
      "signed_out",
    ],
    ["the session was ended", entra("invalid_grant", "AADSTS50173: The provided grant has expired."), "signed_out"],
    [
      "nobody consented",
      entra("invalid_grant", "AADSTS65001: The user or administrator has not consented", "consent_required"),
      "forbidden",
    ],
    [
      "nobody consented, said the other way",
      interaction("AADSTS65001: not consented", "", "consent_required"),
      "forbidden",
    ],
    ["our secret is wrong", entra("invalid_client", "AADSTS7000215: Invalid client secret provided."), "unavailable"],
    ["the scope is unknown", entra("invalid_scope", "AADSTS70011"), "unavailable"],
    ["the network is down", new ClientAuthError("network_error", "id", "connect ECONNREFUSED"), "unavailable"],
    ["something else", new Error("boom"), "unavailable"],
  ])("%s", (_, error, code) => {
    const mapped = toSignInError(error);
    expect(mapped.failure.code).toBe(code);
    expect(mapped.failure.fix).toMatch(/\.$/);
    // Entra's texts name tenants, clients and people.
    expect(JSON.stringify(mapped.failure)).not.toMatch(/AADSTS|Assertion|ECONN|boom/);
  });

  test("the claims reach the browser unchanged", () => {
    expect(toSignInError(interaction("AADSTS50076", CLAIMS)).failure.claims).toBe(CLAIMS);
  });

  test.each([
    ["invalid_client", "x", /^This is for an administrator\. Renew/],
    [
      "invalid_client",
      "AADSTS7000222: The provided client secret keys are expired.",
      /has expired\. .*AUTH_API_CLIENT_SECRET/,
    ],
    ["invalid_client", "AADSTS7000215: Invalid client secret provided.", /is wrong\. .*AUTH_API_CLIENT_SECRET/],
    ["unauthorized_client", "AADSTS700016: not found in the directory", /AUTH_API_CLIENT_ID.*AZURE_TENANT_ID/],
  ])("a credential that is refused, %s %s, is the administrator's matter and says what to do", (code, text, fix) => {
    expect(toSignInError(entra(code, text)).failure.fix).toMatch(fix);
  });

  test("a stopped call stays what it is", () => {
    const stopped = new AppError("unavailable", "A call to evil.example was stopped.");
    expect(toSignInError(stopped)).toBe(stopped);
  });
});

describe("MSAL's calls", () => {
  test("go over the one wire", async () => {
    const seen: unknown[] = [];
    const wire: HttpClient = {
      async sendRequest(request) {
        seen.push([request.method, request.url, request.headers.get("content-type"), request.body]);
        return { request, status: 200, headers: createHttpHeaders({ "X-Ms-Test": "1" }), bodyAsText: '{"a":1}' };
      },
    };
    const network = networkFor(wire);
    const form = { headers: { "Content-Type": "application/x-www-form-urlencoded" }, body: "a=b" };
    expect(await network.sendPostRequestAsync("https://login.microsoftonline.com/t/token", form)).toEqual({
      status: 200,
      headers: { "x-ms-test": "1" },
      body: { a: 1 },
    });
    await network.sendGetRequestAsync("https://login.microsoftonline.com/t/keys");
    expect(seen).toEqual([
      ["POST", "https://login.microsoftonline.com/t/token", "application/x-www-form-urlencoded", "a=b"],
      ["GET", "https://login.microsoftonline.com/t/keys", undefined, undefined],
    ]);
  });
});
