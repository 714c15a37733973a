import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { BoardRow } from "@/lib/coverage/board.pure";
import { PlantPreview } from "@/lib/deployments/plan.pure";
import { launchBrowser, openPage, signIn } from "./harness/browser";
import { type Product, startProduct } from "./harness/product";
import { type ProductApi, productApi, vaultAddress } from "./harness/product-api";

/*
 * The whole way of an owner, from the policy that flags the vault to the one that passes it. On a product of its own,
 * since a recommendation in use shows on every board.
 */

let product: Product;
let browser: Browser;
beforeAll(async () => {
  product = await startProduct({ vaults: 60 });
  browser = await launchBrowser();
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

const State = z.looseObject({ id: z.string(), tags: z.record(z.string(), z.string()).optional() });

async function tagOf(row: BoardRow): Promise<string | undefined> {
  const answer: unknown = await (await fetch(`${product.simulatorUrl}/sim/collections/vaults`)).json();
  const { documents } = z.object({ documents: z.array(State) }).parse(answer);
  return documents.find(({ id }) => id.toLowerCase() === row.id.toLowerCase())?.tags?.KeyVaultReview;
}

/** The owner's red vault in which a secret is harmless, and that only lacks a honeytoken. */
async function plantable(api: ProductApi): Promise<BoardRow> {
  for (const row of await api.board()) {
    if (!row.mine || row.state !== "unprotected" || row.reason !== "not_registered" || row.network !== "public")
      continue;
    const { facts } = await api.vault(row);
    if (!facts.some((fact) => fact.name === "auditLog" && fact.outcome === "pass")) continue;
    const query = new URLSearchParams({ vaultId: row.id, kind: "key", count: "1" });
    const plan = PlantPreview.parse(await (await api.get(`/api/plan?${query}`)).json());
    if (plan.blocked.length === 0) return row;
  }
  throw new Error("The world holds no such vault.");
}

async function deploy(page: Page, subscription: string): Promise<void> {
  await page.getByLabel(/^In use/).check();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved", { exact: true }).waitFor();
  await page.getByLabel("Management group or subscription").selectOption({ label: subscription });
  // Where most vaults are, once the board is there.
  await expect.poll(() => page.getByLabel(/^Region of/).inputValue(), { timeout: 60_000 }).not.toBe("");
  await page.getByRole("button", { name: "Deploy what is missing" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Deploy" }).click();
  await page.getByText("Deployed", { exact: true }).waitFor({ timeout: 60_000 });
}

/** Flagged and reviewed vaults of the chosen subscription, as the page follows them. */
async function figures(page: Page): Promise<{ flagged: number; reviewed: number }> {
  const cells = page.getByRole("region", { name: "How the vaults stand" }).getByRole("row").nth(1).getByRole("cell");
  await cells.first().waitFor({ timeout: 60_000 });
  const [flagged = "", reviewed = ""] = await cells.allTextContents();
  return { flagged: Number(flagged.split(" of ")[0]), reviewed: Number(/^\d+/.exec(reviewed)?.[0]) };
}

test("a flagged vault becomes healthy: the owner opens the link, plants, marks it as reviewed, and Azure agrees", async () => {
  const ownerWindow = await openPage(browser);
  const owner = ownerWindow.page;
  const pending = productApi(owner, product.url);
  await signIn(owner, `${product.url}/vaults`, "Key Vault owner");
  const row = await plantable(await pending);
  await ownerWindow.context.close();

  const adminWindow = await openPage(browser);
  const admin = adminWindow.page;
  await signIn(admin, `${product.url}/setup/recommendation`, "Administrator");
  const link = await admin.getByLabel(/^Address that owners open/).inputValue();
  await deploy(admin, row.subscription);
  const before = await figures(admin);
  expect(before.flagged).toBeGreaterThan(0);
  expect(before.reviewed).toBe(0);
  await expect.poll(() => tagOf(row), { timeout: 60_000 }).toBe("ReviewNeeded");

  // The link of the recommendation, opened by somebody who is not signed in.
  const { page, context, troubles } = await openPage(browser);
  await signIn(page, link, "Key Vault owner");
  expect(page.url()).toBe(link);
  const first = page.getByRole("table", { name: "Vaults", exact: true }).locator("[data-vault]").first();
  await first.getByText("Flagged", { exact: true }).waitFor({ timeout: 30_000 });
  await first.getByText("Not protected", { exact: true }).waitFor();
  await page.getByRole("link", { name: row.name, exact: true }).click();
  await page.waitForURL(vaultAddress(product.url, row).toLowerCase());
  await page.getByText(/Do what this page asks for/).waitFor();
  await page.getByRole("radio", { name: /^key/i }).check();
  await page.getByRole("button", { name: "Preview the steps" }).click();
  await page.getByRole("button", { name: "Plant 1 honeytoken key" }).click();
  await page.getByRole("button", { name: "Mark as reviewed" }).click({ timeout: 120_000 });
  await page.getByText(/clears when Azure evaluates it again/).waitFor({ timeout: 30_000 });
  expect(await tagOf(row)).toBe("Reviewed");
  await page.goto(link);
  await page.getByRole("link", { name: row.name, exact: true }).waitFor();
  const line = page.locator(`[data-vault="${row.id}"]`);
  expect(await line.getByText("Flagged", { exact: true }).count()).toBe(0);
  expect(troubles).toEqual([]);
  await context.close();

  await admin.getByRole("button", { name: "Evaluate now" }).click();
  await expect
    .poll(() => figures(admin), { timeout: 90_000, interval: 1_000 })
    .toEqual({ flagged: before.flagged - 1, reviewed: 1 });
  await adminWindow.context.close();
}, 600_000);
