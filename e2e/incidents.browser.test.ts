import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { ruleBodies } from "@/lib/detection/rule-export";
import { axeFaults, launchBrowser, openPage, signIn } from "./harness/browser";
import { truthOf } from "./harness/simulated-truth";

const url = inject("productUrl");
const simulatorUrl = inject("simulatorUrl");
let browser: Browser;
let vault: { id: string; name: string };

beforeAll(async () => {
  browser = await launchBrowser();
  vault = await watchedVault();
  await raise(incident({ title: `Honeytoken touched in ${vault.name}`, severity: "High" }));
  await raise(incident({ title: HOSTILE, severity: "Low", status: "Closed", owner: HOSTILE }));
});
afterAll(() => browser.close());

const HOSTILE = "=1+1 <img src=x onerror=alert(1)> ' | take 1 // \u202Egnp.exe";
const SHOWN = "=1+1 <img src=x onerror=alert(1)> ' | take 1 // ‹U+202E›gnp.exe";

/** A vault whose decoy secret is registered and whose log goes to the watched workspace. */
async function watchedVault() {
  const truth = truthOf(simulatorUrl);
  const [vaults, settings, items, { workspace }] = await Promise.all([
    truth.vaults(),
    truth.diagnosticSettings(),
    truth.watchlistItems(),
    truth.tenant(),
  ]);
  const registered = new Set(items.map(({ fields }) => fields.ResourceId?.toLowerCase()));
  const logged = settings.filter((one) => one.workspaceId?.toLowerCase() === workspace.resourceId.toLowerCase());
  const found = vaults.find(
    ({ id, publicNetworkAccess, networkAcls }) =>
      registered.has(id.toLowerCase()) &&
      logged.some(({ vaultId }) => vaultId.toLowerCase() === id.toLowerCase()) &&
      publicNetworkAccess !== "Disabled" &&
      networkAcls?.defaultAction !== "Deny",
  );
  if (!found) throw new Error("No vault is watched.");
  return found;
}

function incident(change: Record<string, unknown>) {
  return {
    rule: ruleBodies()[0]?.name,
    at: new Date(Date.now() - 3 * 86_400_000).toISOString(),
    entities: [
      { type: "azure-resource", fields: { ResourceId: vault.id } },
      { type: "account", fields: { Name: "mallory", UPNSuffix: "contoso.test" } },
    ],
    customDetails: { Decoys: ['["orders-db-password"]'], Operations: ['["SecretGet"]'], Touches: ["3"] },
    ...change,
  };
}

async function raise(wished: object): Promise<void> {
  const body = JSON.stringify({ incidents: [wished] });
  expect((await fetch(`${simulatorUrl}/sim/incidents/fill`, { method: "POST", body })).status).toBe(200);
}

async function opened(search = "") {
  const watched = await openPage(browser);
  await signIn(watched.page, `${url}/incidents${search}`, "SOC analyst");
  await watched.page.getByRole("table", { name: "Incidents" }).waitFor();
  return watched;
}

const row = (page: Page, name: string) => page.getByRole("row", { name });

describe("the incidents", () => {
  test("are listed with their vault, caller and touches, and filtered by what the address says", async () => {
    const { page, context, troubles, strayRequests } = await opened();
    const text = await row(page, `Honeytoken touched in ${vault.name}`).first().textContent();
    for (const words of ["High", "New", vault.name, "mallory@contoso.test", "SecretGet on orders-db-password"])
      expect(text).toContain(words);
    await page.getByRole("combobox", { name: "Severity" }).selectOption("Low");
    await expect.poll(() => new URL(page.url()).searchParams.get("severity")).toBe("Low");
    expect(await row(page, `Honeytoken touched in ${vault.name}`).count()).toBe(0);
    await page.reload();
    await row(page, SHOWN).waitFor();
    expect(await row(page, `Honeytoken touched in ${vault.name}`).count()).toBe(0);
    expect({ troubles, strayRequests }).toEqual({ troubles: [], strayRequests: [] });
    await context.close();
  });

  test("hostile text stays text on the page and in the exports", async () => {
    const { page, context, troubles } = await opened("?severity=Low");
    expect(await row(page, SHOWN).count()).toBe(1);
    expect(await page.locator("main img").count()).toBe(0);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export CSV" }).click();
    const csv = readFileSync(await (await download).path(), "utf8");
    expect(csv).toContain(`,'${SHOWN},Low,Closed,`);
    expect(csv).not.toContain("\u202E");
    expect(troubles).toEqual([]);
    await context.close();
  });

  test("have their figures as charts, and each chart as a table", async () => {
    const { page, context } = await opened();
    const figure = page.getByRole("figure", { name: "Vaults with the most touches" });
    await figure.locator("svg .recharts-bar-rectangle").first().waitFor();
    await page.getByRole("button", { name: "Show as table: Vaults with the most touches" }).click();
    const table = page.getByRole("table", { name: "Vaults with the most touches, in numbers" });
    await table.getByRole("row", { name: new RegExp(`^${vault.name} \\d+$`) }).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await context.close();
  });

  test("a touch while the page is open appears by itself, is marked, and counts in the tab", async () => {
    const { page, context } = await opened();
    await expect.poll(() => page.title()).toBe("Incidents · Key Vault Honeytokens");
    const body = JSON.stringify({ vault: vault.name });
    const play = await fetch(`${simulatorUrl}/sim/plays/backup-thief`, { method: "POST", body });
    expect(play.status).toBe(202);
    await expect.poll(() => page.title(), { timeout: 90_000 }).toMatch(/^\(\d+\) Incidents/);
    const fresh = page.getByRole("row", { name: /New here/ });
    expect(await fresh.first().textContent()).toContain(vault.name);
    await page.getByRole("button", { name: "Mark all seen" }).click();
    await expect.poll(() => page.title()).toBe("Incidents · Key Vault Honeytokens");
    await context.close();
  });

  test("ask this product for one thing only, which costs one batch of log queries, and once for the names of subscriptions", async () => {
    const { page, context } = await openPage(browser);
    const asked = new Set<string>();
    page.on("request", (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.startsWith("/api/")) asked.add(pathname);
    });
    await signIn(page, `${url}/incidents`, "SOC analyst");
    await row(page, `Honeytoken touched in ${vault.name}`).first().waitFor();
    await page.waitForResponse((response) => response.url().includes("/api/incidents?days=30&known="));
    expect([...asked].sort()).toEqual(["/api/incidents", "/api/subscriptions"]);
    await context.close();
  });

  test("are for analysts and administrators: an owner is told so and sees none", async () => {
    const { page, context } = await openPage(browser);
    await signIn(page, `${url}/incidents`, "Key Vault owner");
    await page.getByRole("alert").filter({ hasText: "You may not do this" }).waitFor();
    expect(await page.getByRole("table", { name: "Incidents" }).count()).toBe(0);
    expect(await page.getByRole("link", { name: "Incidents", exact: true }).count()).toBe(0);
    await context.close();
  });
});
