import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { axeFaults, launchBrowser, openPage, signIn } from "./harness/browser";
import { productApi, vaultAddress } from "./harness/product-api";

const url = inject("productUrl");
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

interface Screen {
  name: string;
  open(page: Page): Promise<void>;
}

const SCREENS: Screen[] = [
  {
    name: "the board with a selection",
    open: async (page) => {
      await signIn(page, `${url}/vaults`, "Administrator");
      await page.getByRole("table", { name: "Vaults", exact: true }).waitFor();
      await page.getByRole("heading", { name: "Coverage by subscription" }).waitFor();
      await page.getByRole("checkbox", { name: /^Select all/ }).check();
      await page.getByRole("region", { name: "Selection" }).waitFor();
    },
  },
  {
    name: "the question how to plan for selected vaults",
    open: async (page) => {
      await signIn(page, `${url}/vaults`, "Administrator");
      await page
        .getByRole("checkbox", { name: /^Select kv/ })
        .first()
        .check();
      await page.getByRole("button", { name: "Plan honeytokens for 1 vault" }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "a vault",
    open: async (page) => {
      const pending = productApi(page, url);
      await signIn(page, `${url}/vaults`, "Administrator");
      const [row] = (await (await pending).board()).filter(({ state }) => state === "unprotected");
      if (!row) throw new Error("no red vault");
      await page.goto(vaultAddress(url, row));
      await page.getByRole("heading", { level: 1, name: row.name }).waitFor();
      await page.getByRole("heading", { name: "Audit log on" }).waitFor();
    },
  },
  {
    name: "a preview with a name",
    open: async (page) => {
      const pending = productApi(page, url);
      await signIn(page, `${url}/vaults`, "Administrator");
      const row = (await (await pending).board()).find(({ reason }) => reason === "not_registered");
      if (!row) throw new Error("no vault without a honeytoken");
      await page.goto(vaultAddress(url, row));
      await page.getByRole("button", { name: "Preview the steps" }).click();
      await page.getByRole("button", { name: "Change" }).waitFor();
    },
  },
  { name: "the incidents", open: (page) => openStaffPage(page, "/incidents", "Incidents") },
  { name: "the audit trail", open: (page) => openStaffPage(page, "/audit", "Audit") },
  { name: "the set-up", open: (page) => openStaffPage(page, "/setup", "Set-up") },
  {
    name: "the plan of the set-up",
    open: async (page) => {
      await openStaffPage(page, "/setup/run", "Set up for me");
      await page.getByRole("button", { name: "Set up for me" }).click();
      await page.getByRole("list", { name: "The plan" }).waitFor();
    },
  },
  {
    name: "the settings",
    open: async (page) => {
      await openStaffPage(page, "/setup/settings", "Settings");
      await page.getByRole("heading", { name: "New vaults" }).waitFor();
    },
  },
  { name: "the outcomes", open: (page) => openStaffPage(page, "/outcomes", "Outcomes") },
  { name: "the drills", open: (page) => openStaffPage(page, "/setup/drills", "Drills") },
  {
    name: "a new exception",
    open: async (page) => {
      await openStaffPage(page, "/setup/exceptions", "Exceptions");
      await page.getByRole("button", { name: "Add an exception" }).click();
      await page
        .getByRole("dialog")
        .getByLabel(/^Subscription/)
        .waitFor();
    },
  },
  {
    name: "the rules",
    open: async (page) => {
      await openStaffPage(page, "/setup/rules", "Rules");
      await page
        .getByRole("row", { name: /Honeytoken touched/ })
        .first()
        .waitFor();
    },
  },
  {
    name: "a new alert exception",
    open: async (page) => {
      await openStaffPage(page, "/setup/alert-exceptions", "Alert exceptions");
      await page.getByRole("button", { name: "Add an alert exception" }).click();
      await page
        .getByRole("dialog")
        .getByLabel(/^Vault/)
        .waitFor();
    },
  },
  {
    name: "the recommendation with a repaired template",
    open: async (page) => {
      await openStaffPage(page, "/setup/recommendation", "Recommendation");
      const place = page.getByLabel("Management group or subscription");
      await place.selectOption({ label: "Production" });
      await page.getByRole("list", { name: "What stands there now" }).waitFor();
      const fault = { policyRule: { if: { value: "tags[KVReview]", notEquals: "ReviewNeeded" } } };
      await page.getByRole("textbox", { name: "Template", exact: true }).fill(JSON.stringify(fault));
      await page.getByRole("button", { name: "Look it through" }).click();
      await page.getByRole("textbox", { name: "Repaired template" }).waitFor();
    },
  },
  {
    name: "the register",
    open: async (page) => {
      await signIn(page, `${url}/setup/register`, "Administrator");
      await page.getByRole("meter").waitFor();
    },
  },
  {
    name: "the detection",
    open: async (page) => {
      await openStaffPage(page, "/setup/detection", "Detection");
      await page.getByText(/compared with alerts/).waitFor();
    },
  },
  {
    name: "the grants and roles",
    open: async (page) => {
      await openStaffPage(page, "/setup/grants", "Grants and roles");
      await page.getByRole("region", { name: /^To remove/ }).waitFor();
    },
  },
  {
    name: "the footprint",
    open: async (page) => {
      await openStaffPage(page, "/setup/footprint", "Footprint");
      await page.getByRole("region", { name: "Who can read the register" }).waitFor();
    },
  },
  { name: "the deployments", open: (page) => signIn(page, `${url}/deployments`, "Administrator") },
  {
    name: "a vault that is not there",
    open: (page) => signIn(page, `${url}/vaults/00000000-0000-4000-8000-000000000000/none/kv-none`, "SOC analyst"),
  },
  {
    name: "an address that is not there",
    open: async (page) => {
      await signIn(page, `${url}/nowhere`, "SOC analyst");
      await page.getByRole("heading", { level: 1, name: "There is no such page" }).waitFor();
    },
  },
  {
    name: "the way to sign in",
    open: async (page) => {
      await page.goto(`${url}/vaults`);
      await page.getByRole("button", { name: /^sign in/i }).waitFor();
    },
  },
  {
    name: "the simulated account picker",
    open: async (page) => {
      await page.goto(`${url}/vaults`);
      await page.getByRole("button", { name: /^sign in/i }).click();
      await page.getByRole("button", { name: "Administrator" }).waitFor();
    },
  },
];

async function openStaffPage(page: Page, path: string, title: string): Promise<void> {
  await signIn(page, `${url}${path}`, "Administrator");
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
}

test("a page is whole again, and has the focus where it was, when its dialog is closed", async () => {
  const { page, context } = await openPage(browser);
  await openStaffPage(page, "/setup/exceptions", "Exceptions");
  // By its role: what is hidden from assistive technology is not found.
  const button = page.getByRole("button", { name: "Add an exception" });
  await button.click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await button.waitFor({ timeout: 5_000 });
  await expect.poll(() => button.evaluate((element) => element === document.activeElement)).toBe(true);
  await context.close();
});

describe.each(["light", "dark"] as const)("in the %s theme", (colorScheme) => {
  test.each(SCREENS)("axe finds nothing on $name, and it fits at 390 pixels", async ({ open }) => {
    const { page, context } = await openPage(browser, { colorScheme });
    await open(page);
    await page.waitForTimeout(300);
    expect(await axeFaults(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.waitForTimeout(300);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    expect(await axeFaults(page)).toEqual([]);
    await context.close();
  });
});
