import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { Board } from "@/lib/coverage/board.pure";
import { launchBrowser, openPage, signIn } from "./harness/browser";
import { truthOf } from "./harness/simulated-truth";

const url = inject("productUrl");
const truth = truthOf(inject("simulatorUrl"));
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** The number beside a state's name. */
const figure = async (page: Page, word: string): Promise<number> => {
  const button = page.getByRole("button", { name: new RegExp(`^${word}`) });
  const number = await button.locator("span", { hasText: /^[\d,]+$/ }).textContent();
  return Number(number?.replace(/,/g, ""));
};

/** The board as it stands once the background collection has looked at every vault. */
async function determinedBoard(page: Page): Promise<Board> {
  for (;;) {
    const answer = await page.waitForResponse(
      (response) => new URL(response.url()).pathname === "/api/vaults" && response.ok(),
      { timeout: 60_000 },
    );
    const board = Board.parse(await answer.json());
    if (board.collector.done >= board.collector.total) return board;
  }
}

describe("the board", () => {
  test("shows an administrator every vault of the tenant, in both colours, each with its reason", async () => {
    const { page, context } = await openPage(browser);
    const board = determinedBoard(page);
    await signIn(page, `${url}/vaults`, "Administrator");
    let { vaults } = await board;
    // What other tests planted may still turn a vault, and one that they deleted stays in the kept list for a while: the
    // figures are held against the newest answer.
    page.on("response", async (response) => {
      if (new URL(response.url()).pathname !== "/api/vaults" || !response.ok()) return;
      // An answer that comes while the page closes cannot be read any more.
      const body = await response.json().catch(() => undefined);
      if (body !== undefined) vaults = Board.parse(body).vaults;
    });
    await expect.poll(async () => vaults.length - (await truth.vaults()).length, { timeout: 40_000 }).toBe(0);
    const count = (wanted: string) => vaults.filter(({ state }) => state === wanted).length;
    expect(count("protected")).toBeGreaterThan(0);
    expect(count("unprotected")).toBeGreaterThan(0);
    await expect
      .poll(
        async () => [
          (await figure(page, "Protected")) - count("protected"),
          (await figure(page, "Not protected")) - count("unprotected"),
        ],
        { timeout: 40_000 },
      )
      .toEqual([0, 0]);
    await page.getByRole("cell", { name: "No honeytoken" }).first().waitFor();
    await context.close();
  });

  test("green only where the decoy really stands, is registered, and its log goes to the watched workspace", async () => {
    const { page, context } = await openPage(browser);
    const pending = determinedBoard(page);
    await signIn(page, `${url}/vaults`, "Administrator");
    const { vaults } = await pending;
    const [objects, items, settings, tenant] = await Promise.all([
      truth.objects(),
      truth.watchlistItems(),
      truth.diagnosticSettings(),
      truth.tenant(),
    ]);
    const workspace = tenant.workspace.resourceId.toLowerCase();
    const logging = new Set(
      settings
        .filter(
          (setting) => setting.workspaceId?.toLowerCase() === workspace && setting.logs.some(({ enabled }) => enabled),
        )
        .map(({ vaultId }) => vaultId.toLowerCase()),
    );
    const standing = new Set(
      objects
        .filter(({ deletedAt }) => deletedAt === undefined)
        .map(({ vaultId, name }) => `${vaultId}/${name}`.toLowerCase()),
    );
    const covered = new Set(
      items
        .filter(
          ({ deleted, fields }) => !deleted && standing.has(`${fields.ResourceId}/${fields.HoneyToken}`.toLowerCase()),
        )
        .map(({ fields }) => (fields.ResourceId ?? "").toLowerCase()),
    );
    const green = vaults.filter(({ state }) => state === "protected");
    expect(green.length).toBeGreaterThan(10);
    expect(green.filter(({ id }) => !logging.has(id.toLowerCase()) || !covered.has(id.toLowerCase()))).toEqual([]);
    await context.close();
  });

  test("an owner sees only the vaults that Azure lets that person read", async () => {
    const { page, context } = await openPage(browser);
    const pending = page.waitForResponse(
      (response) => new URL(response.url()).pathname === "/api/vaults" && response.ok(),
    );
    await signIn(page, `${url}/vaults`, "Key Vault owner");
    const { vaults } = Board.parse(await (await pending).json());
    const kim = (await truth.principals()).find(({ name }) => name === "Kim Owner")?.oid;
    const scopes = (await truth.roleAssignments())
      .filter(({ principalId }) => principalId === kim)
      .map(({ scope }) => `${scope.toLowerCase()}/`);
    const allowed = (await truth.vaults()).filter(({ id }) =>
      scopes.some((scope) => `${id.toLowerCase()}/`.startsWith(scope)),
    );
    expect(vaults.map(({ id }) => id.toLowerCase()).sort()).toEqual(allowed.map(({ id }) => id.toLowerCase()).sort());
    expect(vaults.length).toBeGreaterThan(5);
    // Rights on single groups are enough to see what their subscription is called.
    expect(vaults.filter(({ subscription, subscriptionId }) => subscription === subscriptionId)).toEqual([]);
    expect(vaults.length).toBeLessThan(60);
    await context.close();
  });

  test("search, filters and sort are in the address and come back with it", async () => {
    const { page, context } = await openPage(browser);
    await signIn(page, `${url}/vaults`, "Administrator");
    await page.getByRole("searchbox", { name: "Search vaults" }).fill("prod");
    await page.getByRole("button", { name: /^Not protected/ }).click();
    await page.getByRole("checkbox", { name: "Mine" }).check();
    await page.getByRole("button", { name: /^Honeytokens/ }).click();
    await expect
      .poll(() => Object.fromEntries(new URL(page.url()).searchParams))
      .toMatchObject({ q: "prod", mine: "true" });
    const address = page.url();
    const shown = await page.getByRole("status").filter({ hasText: "vault" }).first().textContent();
    await page.reload();
    const status = page.getByRole("status").filter({ hasText: "vault" }).first();
    await expect.poll(() => status.textContent(), { timeout: 60_000 }).toBe(shown);
    expect(page.url()).toBe(address);
    expect(await page.getByRole("button", { name: /^Not protected/ }).getAttribute("aria-pressed")).toBe("true");
    await context.close();
  });

  test("on a phone each vault's name is whole, since many differ only at their end", async () => {
    const { page, context } = await openPage(browser, { width: 390, height: 3000 });
    await signIn(page, `${url}/vaults?q=kv-`, "Key Vault owner");
    const names = page.locator("[role=row] a");
    await names.first().waitFor();
    await page.locator("[role=row]", { hasText: "Mine" }).first().waitFor();
    const cut = await names.evaluateAll((links) =>
      links.flatMap((a) => (a.scrollWidth > a.clientWidth ? a.textContent : [])),
    );
    expect(cut).toEqual([]);
    // Nothing of a card lies over the next one, with the longest name and all that may stand beside it.
    const card = page.locator("[role=row]", { hasText: "Mine" }).first();
    const over = await card.evaluate((row) => {
      const link = row.querySelector("a");
      const tag = row.querySelector("span[title]");
      if (link === null || tag === null) return "no name or tag";
      link.textContent = "kv-w".repeat(6);
      tag.after(tag.cloneNode(true));
      const edge = row.getBoundingClientRect();
      return [...row.querySelectorAll("a, span")].filter((part) => {
        const { top, bottom } = part.getBoundingClientRect();
        return top < edge.top || bottom > edge.bottom;
      }).length;
    });
    expect(over).toBe(0);
    expect(await names.count()).toBeGreaterThan(3);
    await context.close();
  });

  test("a search that matches nothing says so and offers the way back", async () => {
    const { page, context } = await openPage(browser);
    await signIn(page, `${url}/vaults?q=nothing-is-called-this`, "Administrator");
    await page.getByText("No vault matches").waitFor();
    await page.getByRole("button", { name: "Clear filters" }).last().click();
    await page.getByRole("table", { name: "Vaults", exact: true }).waitFor();
    await context.close();
  });

  test("can be used with the keyboard alone: from the search to an open vault", async () => {
    const { page, context } = await openPage(browser);
    await signIn(page, `${url}/vaults`, "Administrator");
    await page.getByRole("table", { name: "Vaults", exact: true }).waitFor();
    const reached = async () =>
      page.evaluate(
        () =>
          document.activeElement?.closest('[role="row"]')?.querySelector("a") === document.activeElement &&
          document.activeElement?.tagName === "A",
      );
    for (let i = 0; i < 60 && !(await reached()); i++) await page.keyboard.press("Tab");
    expect(await reached()).toBe(true);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/vaults\/[^/]+\/[^/]+\/[^/]+/);
    await context.close();
  });

  test("vaults are chosen with the keyboard alone, and the question how to plan for them gives the focus back", async () => {
    const { page, context, troubles } = await openPage(browser);
    await signIn(page, `${url}/vaults`, "Administrator");
    const first = page.getByRole("table", { name: "Vaults", exact: true }).getByRole("link").first();
    await first.focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    const ask = page.getByRole("button", { name: "Plan honeytokens for 2 vaults" });
    await ask.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Plan honeytokens for 2 vaults" }).waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => ask.evaluate((button) => button === document.activeElement)).toBe(true);
    expect(troubles).toEqual([]);
    await context.close();
  });
});
