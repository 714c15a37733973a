import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { BoardRow } from "@/lib/coverage/board.pure";
import { azureAsPerson } from "./harness/azure-as-person";
import { launchBrowser, openPage, type Persona, signIn } from "./harness/browser";
import { productApi, vaultAddress } from "./harness/product-api";
import { truthOf } from "./harness/simulated-truth";

const url = inject("productUrl");
const simulatorUrl = inject("simulatorUrl");
const truth = truthOf(simulatorUrl);
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

async function signedIn(persona: Persona) {
  const opened = await openPage(browser);
  const pending = productApi(opened.page, url);
  await signIn(opened.page, `${url}/vaults`, persona);
  return { ...opened, api: await pending };
}

/** A red vault of an open network with a log and nothing planted, by reason. */
const without = (rows: BoardRow[], network: BoardRow["network"] = "public", at = 0) => {
  const row = rows.filter((one) => one.reason === "not_registered" && one.network === network).at(at);
  if (!row) throw new Error(`The world holds no red vault with network ${network}.`);
  return row;
};

const everything = async () =>
  JSON.stringify([
    await truth.objects(),
    await truth.watchlistItems(),
    await truth.roleAssignments(),
    await truth.diagnosticSettings(),
  ]);

describe("what goes wrong ends in a sentence, and changes nothing", () => {
  test("a vault that is not there, or not for this person, is the same answer", async () => {
    const { page, context, api } = await signedIn("Key Vault owner");
    const mine = new Set((await api.board()).map(({ id }) => id.toLowerCase()));
    const foreign = (await truth.vaults()).find(({ id }) => !mine.has(id.toLowerCase()));
    if (!foreign) throw new Error("The owner may read every vault of the world.");
    const unknown = await api.get("/api/vaults/00000000-0000-4000-8000-000000000000/none/kv-none");
    const hidden = await api.get(`/api/vaults/${foreign.subscriptionId}/${foreign.resourceGroup}/${foreign.name}`);
    expect([unknown.status, hidden.status]).toEqual([404, 404]);
    const [one, other] = [await unknown.json(), await hidden.json()];
    expect(one.error.message).toBe(other.error.message);
    await page.goto(vaultAddress(url, foreign));
    await page.getByText(one.error.message).first().waitFor();
    await context.close();
  });

  test("a short link opens nothing for somebody without the rights, and nothing at all without a sign-in", async () => {
    const owner = await signedIn("Key Vault owner");
    const mine = new Set((await owner.api.board()).map(({ id }) => id.toLowerCase()));
    const foreign = (await truth.vaults()).find(({ id }) => !mine.has(id.toLowerCase()));
    if (!foreign) throw new Error("The owner may read every vault of the world.");
    const admin = await signedIn("Administrator");
    const address = `${vaultAddress(url, foreign)}?from=${"a".repeat(200)}`;
    await admin.page.goto(address);
    await admin.page.getByRole("heading", { level: 1, name: foreign.name }).waitFor();
    await admin.page.getByRole("button", { name: "Share this view" }).click();
    await expect
      .poll(async () => (await admin.api.get("/api/share").then((answer) => answer.json())).links)
      .toHaveLength(1);
    const [{ id }] = (await (await admin.api.get("/api/share")).json()).links;
    await admin.context.close();

    await owner.page.goto(`${url}/share/${id}`);
    const hidden = await owner.api.get(
      `/api/vaults/${foreign.subscriptionId}/${foreign.resourceGroup}/${foreign.name}`,
    );
    expect(hidden.status).toBe(404);
    await owner.page
      .getByText((await hidden.json()).error.message)
      .first()
      .waitFor();
    // The address holds the vault's name; the page has nothing to say of it and nothing to do there.
    expect(await owner.page.getByRole("button", { name: /check again|preview|plant|drill/i }).count()).toBe(0);
    await owner.context.close();

    const stranger = await openPage(browser);
    await stranger.page.goto(`${url}/share/${id}`);
    await stranger.page.getByRole("button", { name: /^sign in/i }).waitFor();
    expect(stranger.page.url()).toBe(`${url}/share/${id}`);
    expect(await stranger.page.content()).not.toContain(foreign.name);
    await stranger.context.close();
  });

  test("an address with what cannot be an id leads to nothing that is there", async () => {
    const { page, context, api } = await signedIn("Administrator");
    for (const path of ["/api/deployments/not-an-id", "/api/deployments/not-an-id/items", "/api/incidents/zzz"]) {
      expect((await api.get(path)).status, path).toBe(404);
    }
    await page.goto(`${url}/deployments/not-an-id`);
    await page.getByText("There is no such deployment.").waitFor();
    await context.close();
  });

  test.each([
    ["illegal", "has spaces", /letters, digits|1 to 127/i],
    ["dangerous: it could bind to an application's settings", "Payments--Password", /application|setting|bind/i],
    ["reserved by the service", "restore", /reserved|cannot|other name/i],
  ])("a name that is %s is refused", async (_why, name, sentence) => {
    const { page, context, api } = await signedIn("Administrator");
    const row = without(await api.board());
    const before = await everything();
    await page.goto(vaultAddress(url, row));
    await page.getByRole("textbox", { name: "Name" }).fill(name);
    await page.getByRole("button", { name: "Preview the steps" }).click();
    await page.getByText(sentence).first().waitFor();
    expect(await page.getByRole("button", { name: /^Plant 1/ }).count()).toBe(0);
    expect(await everything()).toBe(before);
    await context.close();
  });

  test("a name that is taken, in whatever casing, is refused", async () => {
    const { page, context, api } = await signedIn("Administrator");
    const objects = (await truth.objects()).filter(
      ({ kind, name, deletedAt }) => kind === "secret" && deletedAt === undefined && !name.includes("--"),
    );
    const rows = (await api.board()).filter(
      ({ reason, network }) => reason === "not_registered" && network === "public",
    );
    const row = rows.find(({ id }) => objects.some(({ vaultId }) => vaultId.toLowerCase() === id.toLowerCase()));
    const taken = objects.find(({ vaultId }) => vaultId.toLowerCase() === row?.id.toLowerCase());
    if (!row || !taken) throw new Error("no vault with a secret");
    const before = await everything();
    await page.goto(vaultAddress(url, row));
    await page.getByRole("textbox", { name: "Name" }).fill(taken.name.toUpperCase());
    await page.getByRole("button", { name: "Preview the steps" }).click();
    await page
      .getByText(/in use/i)
      .first()
      .waitFor();
    expect(await everything()).toBe(before);
    await context.close();
  });

  test("a name that lies in the vault's recycle bin is refused before anything is written into the vault", async () => {
    const { page, context, api } = await signedIn("Administrator");
    const deleted = (await truth.objects()).filter(
      ({ kind, deletedAt }) => kind === "secret" && deletedAt !== undefined,
    );
    const rows = (await api.board()).filter(
      ({ reason, network }) => reason === "not_registered" && network === "public",
    );
    const gone = deleted.find(
      ({ vaultId, name }) => !name.includes("--") && rows.some(({ id }) => id.toLowerCase() === vaultId.toLowerCase()),
    );
    const row = rows.find(({ id }) => id.toLowerCase() === gone?.vaultId.toLowerCase());
    if (!row || !gone) throw new Error("no vault with a deleted secret");
    const grants = await truth.roleAssignments();
    const before = JSON.stringify(await truth.objects());
    await page.goto(vaultAddress(url, row));
    await page.getByRole("textbox", { name: "Name" }).fill(gone.name);
    await page.getByRole("button", { name: "Preview the steps" }).click();
    // Known from the log at the preview, or only from the vault itself once the job may list it.
    const plant = page.getByRole("button", { name: "Plant 1 honeytoken secret" });
    const refused = page.getByText(/deleted|recover|too (?:near|close|like)|taken|in use/i).first();
    await Promise.race([plant.waitFor(), refused.waitFor()]);
    if (await plant.isVisible()) {
      await plant.click();
      await page.getByText("Not planted").waitFor({ timeout: 60_000 });
    }
    await refused.waitFor();
    expect(JSON.stringify(await truth.objects())).toBe(before);
    await expect.poll(async () => (await truth.roleAssignments()).length).toBe(grants.length);
    await context.close();
  });

  test.each(["firewall", "private"] as const)("a vault behind a %s is said to be out of reach", async (network) => {
    const { page, context, api } = await signedIn("Administrator");
    const row = without(await api.board(), network);
    const before = await everything();
    await page.goto(vaultAddress(url, row));
    await page.getByRole("button", { name: "Preview the steps" }).click();
    await page
      .getByText(/firewall|network|private/i)
      .first()
      .waitFor();
    await page.getByText("This cannot be planted").waitFor();
    expect(await everything()).toBe(before);
    await context.close();
  });

  test("a vault that was deleted meanwhile is said to be gone", async () => {
    const { page, context, api } = await signedIn("Administrator");
    const row = without(await api.board(), "public", -1);
    await page.goto(vaultAddress(url, row));
    await page.getByRole("button", { name: "Preview the steps" }).waitFor();
    const deleted = await azureAsPerson(simulatorUrl, inject("apiSecret"), api.authorization, {
      method: "DELETE",
      url: `https://management.azure.com${row.id}?api-version=2023-07-01`,
      scope: "https://management.azure.com/.default",
    });
    expect(deleted.status).toBe(200);
    await page.getByRole("button", { name: "Preview the steps" }).click();
    await page
      .getByText(/deleted|not (?:there|found|exist)|no (?:such|longer)/i)
      .first()
      .waitFor();
    expect(await page.getByRole("button", { name: /^Plant 1/ }).count()).toBe(0);
    await context.close();
  });

  test("a token that is not valid gets nothing, and a session that ended leads back to signing in", async () => {
    const { page, context, api } = await signedIn("SOC analyst");
    const broken = await fetch(`${url}/api/vaults`, {
      headers: { authorization: `${api.authorization.slice(0, -4)}AAAA` },
    });
    expect(broken.status).toBe(401);
    await page.evaluate(() => sessionStorage.clear());
    await context.clearCookies();
    await page.reload();
    await page.getByRole("button", { name: /^sign in/i }).waitFor();
    await context.close();
  });

  test.each([
    ["a count that is too large", "kind=secret&count=99"],
    ["an unknown kind", "kind=certificate&count=1"],
    ["a field that is not known", "kind=secret&count=1&force=true"],
    ["no vault", ""],
  ])("%s is answered as invalid, naming the field", async (_what, query) => {
    const { context, api } = await signedIn("Administrator");
    const row = without(await api.board());
    const answer = await api.get(`/api/plan?vaultId=${encodeURIComponent(row.id)}&${query}`);
    expect(answer.status).toBe(400);
    expect((await answer.json()).error).toMatchObject({ code: "invalid", field: expect.any(String) });
    await context.close();
  });
});
