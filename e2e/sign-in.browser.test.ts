import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { launchBrowser, openPage, type Persona, signIn } from "./harness/browser";

const url = inject("productUrl");
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

describe("signing in", () => {
  test.each<[Persona, string]>([
    ["Key Vault owner", "Kim Owner"],
    ["SOC analyst", "Ana Analyst"],
    ["Administrator", "Adam Admin"],
  ])(
    "as %s ends in the product, signed in as %s, with nothing blocked and nothing leaving this machine",
    async (persona, name) => {
      const { page, context, troubles, strayRequests } = await openPage(browser);
      await signIn(page, `${url}/vaults`, persona);
      await page.getByText(name).first().waitFor();
      await page.getByRole("table", { name: "Vaults", exact: true }).waitFor();
      expect(strayRequests).toEqual([]);
      expect(troubles).toEqual([]);
      await context.close();
    },
  );

  test("keeps the whole address that was asked for", async () => {
    const { page, context } = await openPage(browser);
    await signIn(page, `${url}/vaults?q=prod&state=unprotected&mine=true`, "Administrator");
    await page.getByRole("table", { name: "Vaults", exact: true }).waitFor();
    const address = new URL(page.url());
    expect(address.pathname).toBe("/vaults");
    expect(Object.fromEntries(address.searchParams)).toEqual({ q: "prod", state: "unprotected", mine: "true" });
    expect(await page.getByRole("searchbox", { name: "Search vaults" }).inputValue()).toBe("prod");
    await context.close();
  });

  test("survives a reload, and signing out asks again", async () => {
    const { page, context } = await openPage(browser);
    await signIn(page, `${url}/vaults`, "SOC analyst");
    await page.reload();
    await page.getByText("Ana Analyst").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: /^sign in/i }).waitFor();
    await context.close();
  });

  test("says on every page that the tenant is simulated, also before signing in", async () => {
    const { page, context } = await openPage(browser);
    await page.goto(`${url}/deployments`);
    await page
      .getByText(/simulated tenant/i)
      .first()
      .waitFor();
    await context.close();
  });
});

describe("the border of the product", () => {
  test("another host name is answered with 421 and a plain page", async () => {
    const response = await fetch(url.replace("localhost", "127.0.0.1"), { redirect: "manual" });
    expect(response.status).toBe(421);
    const text = await response.text();
    expect(text).toContain(url);
    expect(text).not.toContain("<script");
  });

  test.each(["/api/vaults", "/api/deployments", "/api/plan"])("%s gives nothing without a token", async (path) => {
    const response = await fetch(`${url}${path}`);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: "signed_out" } });
  });

  test("a page allows only scripts with its nonce, and may not be framed", async () => {
    const policy = (await fetch(`${url}/vaults`)).headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/script-src 'nonce-[^']+' 'strict-dynamic'/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
  });
});
