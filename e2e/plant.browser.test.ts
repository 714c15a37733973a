import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { BoardRow } from "@/lib/coverage/board.pure";
import { PlantPreview } from "@/lib/deployments/plan.pure";
import { launchBrowser, openPage, signIn } from "./harness/browser";
import { type ProductApi, productApi, vaultAddress } from "./harness/product-api";
import { truthOf } from "./harness/simulated-truth";

const url = inject("productUrl");
const truth = truthOf(inject("simulatorUrl"));
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** A red vault that only lacks a honeytoken, that this person may plant in, and in which one of this kind is harmless. */
async function redVault(
  api: ProductApi,
  wanted: (row: BoardRow) => boolean,
  kind: "secret" | "key" = "secret",
): Promise<BoardRow> {
  for (const row of (await api.board()).filter(
    (one) => one.state === "unprotected" && one.reason === "not_registered" && one.network === "public" && wanted(one),
  )) {
    const { facts, may } = await api.vault(row);
    const passes = (name: string) => facts.some((fact) => fact.name === name && fact.outcome === "pass");
    if (!may.plant || !passes("auditLog")) continue;
    const query = new URLSearchParams({ vaultId: row.id, kind, count: "1" });
    const plan = PlantPreview.parse(await (await api.get(`/api/plan?${query}`)).json());
    if (plan.blocked.length === 0) return row;
  }
  throw new Error("The world holds no such vault.");
}

async function plantThroughThePage(page: Page, row: BoardRow, kind: "secret" | "key"): Promise<void> {
  await page.goto(vaultAddress(url, row));
  await page.getByRole("radio", { name: new RegExp(`^${kind}`, "i") }).check();
  await page.getByRole("button", { name: "Preview the steps" }).click();
  await page.getByRole("button", { name: `Plant 1 honeytoken ${kind}` }).click();
}

const objectsOf = async (row: BoardRow) =>
  (await truth.objects()).filter(({ vaultId }) => vaultId.toLowerCase() === row.id.toLowerCase());

describe("planting honeytokens", () => {
  test.each([
    ["rbac", "secret"],
    ["policies", "secret"],
    ["rbac", "key"],
    ["policies", "key"],
  ] as const)(
    "on a vault with %s an owner plants a %s, and the page turns green without a reload",
    async (model, kind) => {
      const { page, context, troubles } = await openPage(browser);
      // Whatever the owner's browser is told must not hold the name of a decoy.
      const bodies: string[] = [];
      page.on("response", (response) => {
        if (new URL(response.url()).pathname.startsWith("/api/") || response.request().method() === "POST")
          response.text().then(
            (text) => bodies.push(text),
            () => undefined,
          );
      });
      const pending = productApi(page, url);
      await signIn(page, `${url}/vaults`, "Key Vault owner");
      const row = await redVault(await pending, ({ permissionModel }) => permissionModel === model, kind);
      const [before, grantsBefore, vaultBefore] = await Promise.all([
        objectsOf(row),
        truth.roleAssignments(),
        truth.vaults().then((all) => all.find(({ id }) => id === row.id || id.toLowerCase() === row.id.toLowerCase())),
      ]);
      let loads = 0;
      await plantThroughThePage(page, row, kind);
      page.on("load", () => loads++);
      await page.getByText("Planted", { exact: true }).waitFor({ timeout: 90_000 });
      await page
        .getByRole("heading", { level: 1 })
        .locator("..")
        .getByText("Protected", { exact: true })
        .waitFor({ timeout: 60_000 });
      expect(loads).toBe(0);

      const after = await objectsOf(row);
      const planted = after.filter(({ name }) => !before.some((one) => one.name === name));
      expect(planted.map((one) => one.kind)).toEqual([kind]);
      expect(planted[0]?.versions).toHaveLength(1);
      expect(after.filter(({ name }) => before.some((one) => one.name === name))).toEqual(before);
      expect((await truth.roleAssignments()).length).toBe(grantsBefore.length);
      const vaultAfter = (await truth.vaults()).find(({ id }) => id.toLowerCase() === row.id.toLowerCase());
      expect(vaultAfter?.accessPolicies).toEqual(vaultBefore?.accessPolicies);
      const name = planted[0]?.name ?? "";
      const registered = (await truth.watchlistItems()).filter(
        ({ fields, deleted }) => !deleted && fields.ResourceId?.toLowerCase() === row.id.toLowerCase(),
      );
      expect(registered.map(({ fields }) => [fields.HoneyToken, fields.State])).toEqual([[name, "live"]]);
      expect(bodies.filter((body) => body.toLowerCase().includes(name.toLowerCase()))).toEqual([]);
      expect(troubles).toEqual([]);
      await context.close();
    },
  );

  test("an administrator may name the honeytoken", async () => {
    const { page, context } = await openPage(browser);
    const pending = productApi(page, url);
    await signIn(page, `${url}/vaults`, "Administrator");
    const row = await redVault(await pending, () => true);
    await page.goto(vaultAddress(url, row));
    await page.getByRole("textbox", { name: "Name" }).fill("ledger-export-auth");
    await page.getByRole("button", { name: "Preview the steps" }).click();
    await page.getByRole("button", { name: "Plant 1 honeytoken secret" }).click();
    // Not "Planted": for an administrator the list of honeytokens has a column of that name.
    await page.getByText(/and the audit log shows it/).waitFor({ timeout: 90_000 });
    expect((await objectsOf(row)).map(({ name }) => name)).toContain("ledger-export-auth");
    await context.close();
  });

  test("a person with read rights only is told to ask an administrator, also when the action is called directly", async () => {
    const { page, context } = await openPage(browser);
    const pending = productApi(page, url);
    await signIn(page, `${url}/vaults`, "Key Vault owner");
    const api = await pending;
    const mine = await redVault(api, () => true);
    const others = (await api.board()).filter(({ mine: own, state }) => !own && state === "unprotected");
    const readOnly = others[0];
    if (!readOnly) throw new Error("The world holds no red vault that the owner may only read.");
    await page.goto(vaultAddress(url, readOnly));
    await page
      .getByText(/ask an administrator/i)
      .first()
      .waitFor();
    expect(await page.getByRole("button", { name: "Preview the steps" }).count()).toBe(0);

    // The same action, but with the other vault put in on the wire.
    await page.route("**/*", async (route) => {
      const request = route.request();
      if (request.method() !== "POST" || request.headers()["next-action"] === undefined) return route.continue();
      const body = (request.postData() ?? "").split(mine.id).join(readOnly.id);
      expect(body).toContain(readOnly.id);
      return route.continue({ postData: body });
    });
    const before = await objectsOf(readOnly);
    await plantThroughThePage(page, mine, "secret");
    await page
      .getByRole("alert")
      .getByText(/administrator/i)
      .waitFor();
    expect(await objectsOf(readOnly)).toEqual(before);
    await context.close();
  });

  test("a vault that logs nowhere offers its audit log first, and can be planted in afterwards", async () => {
    const { page, context } = await openPage(browser);
    const pending = productApi(page, url);
    await signIn(page, `${url}/vaults`, "Key Vault owner");
    const api = await pending;
    const row = (await api.board()).find(
      ({ reason, mine, network }) => reason === "audit_off" && mine && network === "public",
    );
    if (!row) throw new Error("The world holds no vault of the owner without a log.");
    await page.goto(vaultAddress(url, row));
    await page.getByRole("button", { name: "Switch on the audit log" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Switch on" }).click();
    await page.getByRole("button", { name: "Preview the steps" }).waitFor({ timeout: 60_000 });
    const tenant = await truth.tenant();
    const settings = (await truth.diagnosticSettings()).filter(
      ({ vaultId }) => vaultId.toLowerCase() === row.id.toLowerCase(),
    );
    expect(settings.map(({ workspaceId }) => workspaceId?.toLowerCase())).toEqual([
      tenant.workspace.resourceId.toLowerCase(),
    ]);
    await context.close();
  });
});
