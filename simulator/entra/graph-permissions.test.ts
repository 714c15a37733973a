import { decodeJwt } from "jose";
import { describe, expect, test } from "vitest";
import { testTenant } from "../test-tenant";
import { BrowserDriver, codesOf, field } from "./browser-driver";

const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";

async function onBehalf(scope: string) {
  const browser = new BrowserDriver(await testTenant());
  const { access_token } = await browser.signIn("SOC analyst");
  return browser.asApi({
    grant_type: GRANT,
    requested_token_use: "on_behalf_of",
    assertion: String(access_token),
    scope,
  });
}

describe("permissions of Microsoft Graph", () => {
  test("the product's server gets what was consented to, all of it or by name", async () => {
    const all = decodeJwt(field(await onBehalf("https://graph.microsoft.com/.default"), "access_token"));
    expect(all.aud).toBe("https://graph.microsoft.com");
    expect(String(all.scp).split(" ")).toContain("SecurityIncident.ReadWrite.All");
    const one = await onBehalf("https://graph.microsoft.com/SecurityIncident.Read.All");
    expect(decodeJwt(field(one, "access_token")).scp).toBe("SecurityIncident.Read.All");
    expect(codesOf(await onBehalf("https://graph.microsoft.com/Directory.ReadWrite.All"))).toEqual([70011]);
  });

  test("the browser gets none of the security API's", async () => {
    const browser = new BrowserDriver(await testTenant());
    const scope = "https://graph.microsoft.com/SecurityIncident.ReadWrite.All";
    const answer = browser.landed(await browser.authorize({ scope }));
    expect(answer.get("error_description")).toContain("AADSTS65001");
  });
});
