import { decodeJwt, SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { testRequest, testTenant } from "../test-tenant";
import { BrowserDriver, codesOf, field } from "./browser-driver";
import { entraOf } from "./runtime";
import { handleEntra } from "./service";
import { readCaller } from "./token";

async function driver(settings: Parameters<typeof testTenant>[0] = {}): Promise<BrowserDriver> {
  return new BrowserDriver(await testTenant(settings));
}

test.each([
  ["GET", "oauth2/v2.0/authorize?scope=a&scope=b", ""],
  ["POST", "oauth2/v2.0/token", "grant_type=client_credentials&scope=a&scope=b"],
])("a parameter that is given twice is refused: %s %s", async (method, path, text) => {
  const { context } = await testTenant();
  const request = { ...testRequest(method, `/${context.identity.tenantId}/${path}`), text };
  expect(await handleEntra(request, context)).toMatchObject({
    status: 400,
    body: {
      error: "invalid_request",
      error_description: expect.stringContaining(
        "AADSTS9000411: The request is not properly formatted. The parameter 'scope' is duplicated.",
      ),
    },
  });
});

describe("authorize refuses", () => {
  test.each([
    ["an unknown client", { client_id: "00000000-0000-4000-8000-000000000000" }, "AADSTS700016"],
    ["another redirect URI", { redirect_uri: "http://localhost:3000/auth/redirect/" }, "AADSTS50011"],
    ["a redirect URI on another host", { redirect_uri: "https://evil.example/auth/redirect" }, "AADSTS50011"],
  ])("%s on its own page, without redirecting", async (_, change, code) => {
    const page = await (await driver()).authorize(change);
    expect(page.status).toBe(400);
    expect(page.headers).not.toHaveProperty("location");
    expect(String(page.body)).toContain(code);
  });

  test.each([
    ["a request without a challenge", { code_challenge: undefined }, "AADSTS9002325"],
    ["a plain challenge", { code_challenge_method: "plain" }, "AADSTS9002325"],
    ["a challenge of the wrong size", { code_challenge: "short" }, "AADSTS501491"],
    ["the implicit flow", { response_type: "token" }, "AADSTS700054"],
    ["form_post", { response_mode: "form_post" }, "AADSTS9002330"],
    [
      "two resources",
      { scope: "https://management.azure.com/.default https://vault.azure.net/.default" },
      "AADSTS28000",
    ],
    ["a resource nobody registered", { scope: "https://graph.example/.default" }, "AADSTS500011"],
    ["an Azure resource for the browser", { scope: "https://management.azure.com/.default" }, "AADSTS65001"],
  ])("%s, to the application", async (_, change, code) => {
    const browser = await driver();
    const answer = browser.landed(await browser.authorize(change));
    expect(answer.get("error_description")).toContain(code);
    expect(answer.get("state")).toBe("state-1");
  });
});

describe("the token endpoint refuses", () => {
  async function withCode(): Promise<{ browser: BrowserDriver; code: string }> {
    const browser = await driver();
    const chosen = await browser.choose(await browser.authorize(), "Administrator");
    return { browser, code: browser.landed(chosen).get("code") ?? "" };
  }

  test.each([
    ["a wrong verifier", { code_verifier: "x".repeat(43) }, 501481],
    ["another redirect URI", { redirect_uri: "http://localhost:3000/" }, 50011],
    ["an unknown code", { code: "guess" }, 70008],
  ])("%s", async (_, change, code) => {
    const { browser, code: real } = await withCode();
    expect(codesOf(await browser.redeem(real, change))).toEqual([code]);
  });

  test("a code that was used, also when the first use failed", async () => {
    const { browser, code } = await withCode();
    await browser.redeem(code, { code_verifier: "x".repeat(43) });
    expect(codesOf(await browser.redeem(code))).toEqual([54005]);
  });

  test("a code after two minutes", async () => {
    const { browser, code } = await withCode();
    browser.tenant.advance(2 * 60_000 + 1);
    expect(codesOf(await browser.redeem(code))).toEqual([70008]);
  });

  test("the browser application from another origin, or from none", async () => {
    const { browser, code } = await withCode();
    const form = { client_id: browser.ids.spaClientId, grant_type: "authorization_code", code };
    expect(codesOf(await browser.token(form, { origin: "http://localhost:4000" }))).toEqual([9002327]);
    expect(codesOf(await browser.send("POST", "oauth2/v2.0/token", form))).toEqual([9002327]);
  });

  test("a wrong or missing client secret with 401", async () => {
    const browser = await driver();
    const form = { grant_type: "client_credentials", scope: "https://management.azure.com/.default" };
    expect(await browser.asApi(form, "wrong")).toMatchObject({ status: 401, body: { error: "invalid_client" } });
    expect(codesOf(await browser.asApi(form, ""))).toEqual([7000218]);
  });

  test("what Entra does not know", async () => {
    const browser = await driver();
    expect(codesOf(await browser.asApi({ grant_type: "password" }))).toEqual([70003]);
    expect(codesOf(await browser.asApi({}))).toEqual([900144]);
    const scoped = { grant_type: "client_credentials", scope: "https://vault.azure.net/user_impersonation" };
    expect(codesOf(await browser.asApi(scoped))).toEqual([1002012]);
  });

  test("another tenant", async () => {
    const { context } = await testTenant();
    const answer = await handleEntra(testRequest("GET", "/common/v2.0/.well-known/openid-configuration"), context);
    expect(codesOf(answer)).toEqual([90002]);
  });
});

describe("refresh tokens of the browser application", () => {
  test("renew but never beyond 24 hours after the sign-in", async () => {
    const browser = await driver();
    const first = await browser.signIn("Key Vault owner");
    browser.tenant.advance(23 * 3_600_000);
    const renew = (token: unknown) =>
      browser.token({
        client_id: browser.ids.spaClientId,
        grant_type: "refresh_token",
        refresh_token: String(token),
        scope: `${browser.apiScope} openid offline_access`,
      });
    const second = await renew(first.refresh_token);
    expect(second).toMatchObject({ status: 200, body: { refresh_token_expires_in: 3600 } });
    browser.tenant.advance(3_600_001);
    const late = await renew(field(second, "refresh_token"));
    expect(late).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    expect(codesOf(late)).toEqual([700084]);
  });

  test("belong to the application that got them", async () => {
    const browser = await driver();
    const { refresh_token } = await browser.signIn("Key Vault owner");
    const answer = await browser.asApi({ grant_type: "refresh_token", refresh_token: String(refresh_token) });
    expect(codesOf(answer)).toEqual([9002313]);
  });

  test("are kept as digests only", async () => {
    const browser = await driver();
    const { refresh_token } = await browser.signIn("Key Vault owner");
    const kept = JSON.stringify([...browser.tenant.context.model.refreshTokens.entries()]);
    expect(kept).not.toContain(String(refresh_token));
    expect(JSON.stringify([...browser.tenant.context.model.sessions.entries()])).not.toContain(
      browser.cookie.split("=")[1],
    );
  });
});

describe("on behalf of a person", () => {
  const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  const obo = (browser: BrowserDriver, assertion: unknown, scope = "https://management.azure.com/.default") =>
    browser.asApi({ grant_type: GRANT, requested_token_use: "on_behalf_of", assertion: String(assertion), scope });

  test("the product's server gets a token for one Azure service, with the person in it", async () => {
    const browser = await driver();
    const { access_token } = await browser.signIn("Key Vault owner");
    const answer = await obo(browser, access_token);
    expect(answer.status).toBe(200);
    const token = field(answer, "access_token");
    expect(decodeJwt(token)).toMatchObject({
      aud: "https://management.azure.com",
      azp: browser.ids.apiClientId,
      appid: browser.ids.apiClientId,
      upn: "kim@contoso.test",
      scp: "user_impersonation",
    });
    const request = testRequest("GET", "/subscriptions", { headers: { authorization: `Bearer ${token}` } });
    const caller = await readCaller(request, browser.tenant.context, "arm");
    expect(caller).toMatchObject({ kind: "User", upn: "kim@contoso.test", appId: browser.ids.apiClientId });
    await expect(readCaller(request, browser.tenant.context, "vault")).rejects.toMatchObject({ status: 401 });
  });

  test("an id token, an Azure token and a forged token are no assertions", async () => {
    const browser = await driver();
    const { id_token, access_token } = await browser.signIn("Key Vault owner");
    expect(codesOf(await obo(browser, id_token))).toEqual([500131]);
    const arm = await obo(browser, access_token);
    expect(codesOf(await obo(browser, field(arm, "access_token")))).toEqual([500131]);
    const forged = await new SignJWT({ oid: "x", scp: "access_as_user" })
      .setProtectedHeader({ alg: "HS256" })
      .setAudience(browser.ids.apiClientId)
      .sign(new TextEncoder().encode("secret-secret-secret-secret-secret"));
    expect(codesOf(await obo(browser, forged))).toEqual([50013]);
  });

  test("an application's own token and an expired one are no assertions", async () => {
    const browser = await driver();
    const app = await browser.asApi({
      grant_type: "client_credentials",
      scope: `api://${browser.ids.apiClientId}/.default`,
    });
    expect(codesOf(await obo(browser, field(app, "access_token")))).toEqual([50013]);
    const { access_token } = await browser.signIn("Administrator");
    browser.tenant.advance(3_601_000);
    expect(codesOf(await obo(browser, access_token))).toEqual([500133]);
  });

  test("what nobody consented to is refused, a resource and a single permission of Graph", async () => {
    const graph = "https://graph.microsoft.com";
    const noVault = await driver({ withoutConsent: "vault" });
    const { access_token } = await noVault.signIn("Administrator");
    expect(codesOf(await obo(noVault, access_token, "https://vault.azure.net/.default"))).toEqual([65001]);
    expect((await obo(noVault, access_token, "https://management.azure.com/.default")).status).toBe(200);
    const noDirectory = await driver({ withoutConsent: "Application.Read.All" });
    const own = (await noDirectory.signIn("Administrator")).access_token;
    expect(codesOf(await obo(noDirectory, own, `${graph}/Application.Read.All`))).toEqual([65001]);
    expect((await obo(noDirectory, own, `${graph}/SecurityIncident.Read.All`)).status).toBe(200);
  });

  test("a client secret past its end is told from a wrong one", async () => {
    const browser = await driver({ expiredSecret: true });
    const { access_token } = await browser.signIn("Administrator");
    expect(codesOf(await obo(browser, access_token))).toEqual([7000222]);
  });

  test("a service that wants a second step answers interaction_required with claims, and the step satisfies it", async () => {
    const browser = await driver({ stepUp: "vault" });
    const { access_token } = await browser.signIn("Administrator");
    const refused = await obo(browser, access_token, "https://vault.azure.net/.default");
    expect(refused).toMatchObject({ status: 400, body: { error: "interaction_required" } });
    const claims = field(refused, "claims");
    const again = await browser.authorize({ claims });
    const chosen = await browser.choose(again, "Administrator");
    const stepped = await browser.redeem(browser.landed(chosen).get("code") ?? "");
    const token = field(stepped, "access_token");
    expect((await obo(browser, token, "https://vault.azure.net/.default")).status).toBe(200);
  });
});

describe("a bearer token at an Azure service", () => {
  test("of a managed identity names it; a forged, unsigned or deleted one does not pass", async () => {
    const { context } = await testTenant();
    const [identity] = [...context.model.principals.values()].filter(({ name }) => name === "id-platform-inventory");
    const answer = await handleEntra(
      testRequest(
        "GET",
        `/msi/token?api-version=2019-08-01&resource=https://vault.azure.net&client_id=${identity?.appId}`,
        {
          headers: { "x-identity-header": "identity-header-of-the-test" },
        },
      ),
      context,
    );
    const token = field(answer, "access_token");
    const withToken = (text: string) =>
      testRequest("GET", "/secrets", { headers: { authorization: `Bearer ${text}` } });
    expect(await readCaller(withToken(token), context, "vault")).toMatchObject({
      kind: "ServicePrincipal",
      appId: identity?.appId,
      managedIdentityId: identity?.managedIdentityId,
    });
    const [header, payload] = token.split(".");
    const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`;
    for (const bad of [`${header}.${payload}.AAAA`, none, "x.y.z"]) {
      await expect(readCaller(withToken(bad), context, "vault")).rejects.toMatchObject({ status: 401 });
    }
    context.model.principals.delete(identity?.oid ?? "");
    await expect(readCaller(withToken(token), context, "vault")).rejects.toMatchObject({ status: 401 });
  });

  test("is asked for in the way of each service", async () => {
    const { context } = await testTenant();
    const ask = (audience: "arm" | "vault" | "logs") => readCaller(testRequest("GET", "/"), context, audience);
    await expect(ask("arm")).rejects.toMatchObject({ code: "AuthenticationFailed" });
    await expect(ask("logs")).rejects.toMatchObject({ code: "AuthorizationRequiredError" });
    await expect(ask("vault")).rejects.toMatchObject({
      code: "Unauthorized",
      extra: { headers: { "www-authenticate": expect.stringContaining('resource="https://vault.azure.net"') } },
    });
  });

  test("expires", async () => {
    const browser = await driver();
    const answer = await browser.asApi({
      grant_type: "client_credentials",
      scope: "https://management.azure.com/.default",
    });
    const token = field(answer, "access_token");
    const request = testRequest("GET", "/", { headers: { authorization: `Bearer ${token}` } });
    expect(await readCaller(request, browser.tenant.context, "arm")).toMatchObject({ kind: "ServicePrincipal" });
    browser.tenant.advance(3_601_000);
    await expect(readCaller(request, browser.tenant.context, "arm")).rejects.toMatchObject({
      code: "ExpiredAuthenticationToken",
    });
  });
});

describe("the managed identity endpoint", () => {
  test.each([
    ["a wrong header", { "x-identity-header": "guess" }, "https://vault.azure.net", 401],
    ["no header", {}, "https://vault.azure.net", 401],
    ["an unknown resource", { "x-identity-header": "identity-header-of-the-test" }, "https://example.org", 400],
  ])("refuses %s", async (_, headers, resource, status) => {
    const { context } = await testTenant();
    const clientId = [...context.model.principals.values()].find(({ name }) => name === "id-platform-probe")?.appId;
    const target = `/msi/token?resource=${resource}&client_id=${clientId}`;
    expect(await handleEntra(testRequest("GET", target, { headers }), context)).toMatchObject({ status });
  });

  test("serves the product's own identities only", async () => {
    const { context } = await testTenant();
    const other = [...context.model.principals.values()].find(({ name }) => name === "id-payments-apps")?.appId;
    const target = `/msi/token?resource=https://vault.azure.net&client_id=${other}`;
    const headers = { "x-identity-header": "identity-header-of-the-test" };
    expect(await handleEntra(testRequest("GET", target, { headers }), context)).toMatchObject({ status: 400 });
  });

  test("keys are published, private parts are not", async () => {
    const { context } = await testTenant();
    const { jwk } = await entraOf(context);
    expect(jwk).toMatchObject({ kty: "RSA", alg: "RS256" });
    expect(jwk).not.toHaveProperty("d");
  });
});
