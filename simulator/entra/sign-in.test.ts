import { decodeJwt } from "jose";
import { describe, expect, test } from "vitest";
import { testTenant } from "../test-tenant";
import { BrowserDriver, field } from "./browser-driver";

async function driver(): Promise<BrowserDriver> {
  return new BrowserDriver(await testTenant());
}

describe("signing in", () => {
  test("a picked persona comes back with a code, the state, and a token for the product's own API", async () => {
    const browser = await driver();
    const chosen = await browser.choose(await browser.authorize(), "SOC analyst");
    expect(chosen.headers?.location?.startsWith(`${browser.redirectUri}#`)).toBe(true);
    expect(browser.landed(chosen).get("state")).toBe("state-1");
    const answer = await browser.redeem(browser.landed(chosen).get("code") ?? "");
    expect(answer).toMatchObject({ status: 200, body: { token_type: "Bearer", refresh_token_expires_in: 86_400 } });
    expect(decodeJwt(field(answer, "access_token"))).toMatchObject({
      iss: `https://entra-simulated.invalid/${browser.ids.tenantId}/v2.0`,
      aud: browser.ids.apiClientId,
      azp: browser.ids.spaClientId,
      ver: "2.0",
      scp: "access_as_user",
      roles: ["Soc.Analyst"],
      preferred_username: "ana@contoso.test",
    });
    expect(decodeJwt(field(answer, "id_token"))).toMatchObject({ aud: browser.ids.spaClientId, nonce: "nonce-1" });
  });

  test("query mode puts the answer into the query", async () => {
    const browser = await driver();
    const chosen = await browser.choose(await browser.authorize({ response_mode: "query" }), "Administrator");
    const location = new URL(chosen.headers?.location ?? "");
    expect(location.hash).toBe("");
    expect(location.searchParams.get("code")).toBeTruthy();
  });

  test("a second visit needs no picker, and select_account always shows it", async () => {
    const browser = await driver();
    await browser.signIn("Key Vault owner");
    expect(browser.landed(await browser.authorize({ prompt: "none" })).get("code")).toBeTruthy();
    expect((await browser.authorize({ prompt: "select_account" })).status).toBe(200);
  });

  test("silent sign-in without a session, or as somebody else, is refused to the application", async () => {
    const browser = await driver();
    expect(browser.landed(await browser.authorize({ prompt: "none" })).get("error")).toBe("login_required");
    await browser.signIn("Key Vault owner");
    const other = await browser.authorize({ prompt: "none", login_hint: "ana@contoso.test" });
    expect(browser.landed(other).get("error")).toBe("interaction_required");
  });

  test("authorize also takes a form", async () => {
    const browser = await driver();
    const page = await browser.send("POST", "oauth2/v2.0/authorize", browser.parameters());
    expect(page.status).toBe(200);
    expect(browser.landed(await browser.choose(page, "Administrator")).get("code")).toBeTruthy();
  });

  test("cancelling tells the application so", async () => {
    const browser = await driver();
    const page = await browser.authorize();
    const ticket = /name="ticket" value="([^"]+)"/.exec(String(page.body))?.[1] ?? "";
    const answer = await browser.send("POST", "account/choose", { ticket, cancel: "yes" });
    expect(browser.landed(answer).get("error")).toBe("access_denied");
  });

  test("signing out ends the session and its refresh tokens", async () => {
    const browser = await driver();
    const { refresh_token } = await browser.signIn("Key Vault owner");
    const back = encodeURIComponent(browser.redirectUri);
    const out = await browser.send("GET", `oauth2/v2.0/logout?post_logout_redirect_uri=${back}&state=s`);
    expect(out).toMatchObject({ status: 303, headers: { location: `${browser.redirectUri}?state=s` } });
    expect(browser.landed(await browser.authorize({ prompt: "none" })).get("error")).toBe("login_required");
    const renewed = await browser.token({
      client_id: browser.ids.spaClientId,
      grant_type: "refresh_token",
      refresh_token: String(refresh_token),
    });
    expect(renewed.status).toBe(400);
  });

  test("an address that is not registered is never sent to after sign-out", async () => {
    const browser = await driver();
    const out = await browser.send("GET", "oauth2/v2.0/logout?post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F");
    expect(out.status).toBe(200);
    expect(out.headers).not.toHaveProperty("location");
  });

  test("an expired picker says what to do", async () => {
    const browser = await driver();
    const page = await browser.authorize();
    browser.tenant.advance(10 * 60_000 + 1);
    const answer = await browser.choose(page, "Administrator");
    expect(answer.status).toBe(400);
    expect(String(answer.body)).toContain("sign in again");
  });
});

describe("the account picker", () => {
  test("names the personas, says that it is simulated, and runs no script", async () => {
    const page = await (await driver()).authorize();
    const html = String(page.body);
    for (const label of ["Key Vault owner", "SOC analyst", "Administrator"]) expect(html).toContain(label);
    expect(html).toContain("Simulated tenant");
    expect(html).toContain("no password is asked for");
    expect(html).not.toMatch(/<script|<style|style=|javascript:/i);
    expect(page.headers).toMatchObject({ "cache-control": "no-store" });
    expect(page.headers?.["content-security-policy"]).toContain("frame-ancestors 'none'");
  });

  test("escapes what the application sent", async () => {
    const browser = await driver();
    const page = await browser.authorize({ redirect_uri: 'http://localhost:3000/"><script>' });
    expect(page.status).toBe(400);
    expect(String(page.body)).not.toContain("<script>");
  });
});
