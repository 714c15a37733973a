import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { launchBrowser, openPage, signIn } from "./harness/browser";
import { truthOf } from "./harness/simulated-truth";

const url = inject("productUrl");
const truth = truthOf(inject("simulatorUrl"));
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

test("an administrator plans for what the filter shows, starts it by typing, and follows it to its end", async () => {
  const { page, context, troubles } = await openPage(browser);
  await signIn(page, `${url}/vaults?state=unprotected&reason=not_registered`, "Administrator");
  const before = await truth.objects();
  const assignments = await truth.roleAssignments();
  await page.getByRole("button", { name: /^Plan for all \d+ shown$/ }).click();
  await page.getByRole("radio", { name: /^Keys/ }).check();
  await page.getByRole("button", { name: "Make the plan" }).click();
  await page.waitForURL(/\/deployments\/[0-9a-f-]{36}$/);
  const start = page.getByRole("button", { name: /^Start/ });
  await start.waitFor({ timeout: 60_000 });
  // Nothing is written before it is confirmed.
  expect(await truth.objects()).toHaveLength(before.length);
  const planned = Number(/in ([\d,]+) vaults?/.exec((await start.textContent()) ?? "")?.[1]?.replace(",", ""));
  expect(planned).toBeGreaterThan(3);
  const typed = page.getByRole("textbox", { name: /type/i });
  if ((await typed.count()) > 0) await typed.fill(String(planned));
  await start.click();
  await page.getByText(/^Done in/).waitFor({ timeout: 110_000 });
  const known = new Set(before.map(({ vaultId, kind, name }) => `${vaultId}/${kind}/${name}`));
  const fresh = (await truth.objects()).filter(({ vaultId, kind, name }) => !known.has(`${vaultId}/${kind}/${name}`));
  expect(fresh).toHaveLength(planned);
  expect(new Set(fresh.map(({ vaultId }) => vaultId)).size).toBe(planned);
  expect((await truth.roleAssignments()).length).toBe(assignments.length);

  // What came of it is in a file too, and names no honeytoken.
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export JSON" }).click();
  const stream = await (await downloading).createReadStream();
  let exported = "";
  for await (const part of stream) exported += String(part);
  expect(exported).toContain('"state": "done"');
  for (const { name } of fresh) expect(exported.toLowerCase()).not.toContain(`"${name.toLowerCase()}"`);
  expect(troubles).toEqual([]);
  await context.close();
});
