import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { z } from "zod";
import { axeFaults, launchBrowser, openPage, type Persona, signIn } from "./harness/browser";
import { productApi } from "./harness/product-api";

/* A theft in the simulated tenant raises an incident; people open it, walk its checklist and close it. */

const url = inject("productUrl");
const simulator = inject("simulatorUrl");
let browser: Browser;
let incident: Stored;
let vault = "";
beforeAll(async () => {
  browser = await launchBrowser();
  incident = await raise();
}, 300_000);
afterAll(() => browser.close());

const Stored = z.looseObject({
  name: z.string(),
  title: z.string(),
  status: z.string(),
  classification: z.string().optional(),
  classificationReason: z.string().optional(),
  owner: z.object({ userPrincipalName: z.string().optional() }),
});
type Stored = z.infer<typeof Stored>;
const Comment = z.looseObject({ incidentName: z.string(), message: z.string() });
const Run = z.looseObject({ id: z.string(), state: z.string(), steps: z.array(z.looseObject({ status: z.number() })) });

async function collection<T>(name: string, schema: z.ZodType<T>): Promise<T[]> {
  const answer: unknown = await (await fetch(`${simulator}/sim/collections/${name}`)).json();
  return z.object({ documents: z.array(schema) }).parse(answer).documents;
}

async function within<T>(milliseconds: number, ask: () => Promise<T | undefined>): Promise<T | undefined> {
  for (const end = Date.now() + milliseconds; Date.now() < end; ) {
    const found = await ask();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return undefined;
}

async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const found = await within(120_000, ask);
  if (found === undefined) throw new Error(`no ${what} in time`);
  return found;
}

/** Lets a stolen token read everything in a protected vault, and waits for the incident that it raises. */
async function raise(): Promise<Stored> {
  const { page, context } = await openPage(browser);
  const pending = productApi(page, url);
  await signIn(page, `${url}/vaults`, "Administrator");
  const guarded = (await (await pending).board()).filter(
    ({ state, network }) => state === "protected" && network === "public",
  );
  await context.close();
  for (const { name } of guarded) {
    const started = await fetch(`${simulator}/sim/plays/list-then-get`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ vault: name, spread: 0 }),
    });
    const { id } = Run.parse(await started.json());
    const run = await until("end of the play", async () => {
      const now = Run.parse(await (await fetch(`${simulator}/sim/plays/runs/${id}`)).json());
      return now.state === "running" ? undefined : now;
    });
    if (run.steps.filter(({ status }) => status === 200).length < 3) continue;
    vault = name;
    // A vault whose only honeytoken is a key is read through without touching it.
    const raised = await within(40_000, async () =>
      (await collection("incidents", Stored)).find(
        ({ title, status }) => title.includes("touched") && title.includes(name) && status === "New",
      ),
    );
    if (raised) return raised;
  }
  throw new Error("no vault whose honeytoken can be read");
}

const stored = async () => {
  const found = (await collection("incidents", Stored)).find(({ name }) => name === incident.name);
  if (!found) throw new Error("the incident is gone");
  return found;
};

async function open(persona: Persona, options: Parameters<typeof openPage>[1] = {}) {
  const watched = await openPage(browser, options);
  await signIn(watched.page, `${url}/incidents/${incident.name}`, persona);
  return watched;
}

const step = (page: Page, act: string, title: string) =>
  page.getByRole("button", { name: `${act}: ${title}`, exact: true });

test("two people walk the checklist; the analyst takes the incident over and closes it", async () => {
  const analyst = await open("SOC analyst");
  const { page } = analyst;
  await page.getByText(new RegExp(`touched honeytoken .* in vault ${vault}`)).waitFor();
  await page.getByRole("table", { name: "Calls of the caller" }).waitFor();
  expect(await page.getByRole("row").filter({ hasText: "SecretList" }).count()).toBeGreaterThan(0);
  expect(await page.getByRole("row").filter({ hasText: "Honeytoken" }).count()).toBeGreaterThan(0);
  await page.getByRole("table", { name: "What to rotate" }).waitFor();

  await page.getByRole("textbox", { name: "Note: Keep the honeytoken" }).fill("left in place");
  await step(page, "Mark done", "Keep the honeytoken").click();
  await page.getByText("left in place").waitFor();
  await page.getByRole("heading", { name: "What to do now: 1 of 6 done" }).waitFor();
  await step(page, "Ask for approval", "Disable the identity").click();
  await page.getByText("You asked for this, so somebody else has to agree to it.").waitFor();
  expect(await step(page, "Approve", "Disable the identity").count()).toBe(0);

  const admin = await open("Administrator");
  await step(admin.page, "Approve", "Disable the identity").click();
  await admin.page.getByText("Approved", { exact: true }).waitFor();

  // What the other one recorded comes without a reload.
  await step(page, "Mark done", "Disable the identity").click({ timeout: 60_000 });
  await page.getByRole("heading", { name: "What to do now: 2 of 6 done" }).waitFor();

  await page.getByRole("combobox", { name: "Owner" }).selectOption("Me");
  await page.getByRole("combobox", { name: "Status" }).selectOption("Active");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved", { exact: true }).waitFor();
  expect(await stored()).toMatchObject({
    status: "Active",
    owner: { userPrincipalName: expect.stringContaining("@") },
  });

  await page.getByRole("combobox", { name: "Status" }).selectOption("Closed");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Say what it was before it is closed.").waitFor();

  // The administrator, who sees by now what the analyst has saved, is faster.
  const status = admin.page.getByRole("combobox", { name: "Status" });
  await expect.poll(() => status.inputValue(), { timeout: 60_000 }).toBe("Active");
  await admin.page.getByRole("combobox", { name: "Severity" }).selectOption("Low");
  await admin.page.getByRole("button", { name: "Save" }).click();
  await admin.page.getByText("Saved", { exact: true }).waitFor();
  await page.getByRole("combobox", { name: "It was" }).selectOption({ label: "True positive: suspicious activity" });
  await page.getByRole("textbox", { name: "Add a comment" }).fill("<img src=x onerror=alert(1)> rotated");
  if (await page.getByRole("button", { name: "Save" }).isEnabled())
    await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Its severity is Low now").waitFor();
  expect((await stored()).status).toBe("Active");
  await page.getByRole("button", { name: "I have seen it, keep my entries" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved", { exact: true }).waitFor();

  expect(await stored()).toMatchObject({
    status: "Closed",
    severity: "Low",
    classification: "TruePositive",
    classificationReason: "SuspiciousActivity",
  });
  const comments = (await collection("incidentComments", Comment)).filter((one) => one.incidentName === incident.name);
  expect(comments.map(({ message }) => message)).toEqual(["<img src=x onerror=alert(1)> rotated"]);
  await page.getByText("<img src=x onerror=alert(1)> rotated").waitFor();
  expect(await page.locator("img").count()).toBe(0);
  for (const { troubles, strayRequests } of [analyst, admin]) {
    expect(troubles.filter((text) => !/40[49]/.test(text))).toEqual([]);
    expect(strayRequests).toEqual([]);
  }
  await Promise.all([analyst.context.close(), admin.context.close()]);
});

test.each([
  { width: 1280, colorScheme: "light" },
  { width: 390, colorScheme: "dark" },
] as const)("has no accessibility fault and no sideways scroll at $width pixels ($colorScheme)", async (options) => {
  const { page, context } = await open("SOC analyst", options);
  await page.getByRole("table", { name: "Calls of the caller" }).waitFor();
  await page.locator("summary").first().click();
  expect(await axeFaults(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  await context.close();
});

test("is not for owners, and an incident that is not there says so", async () => {
  const { page, context } = await openPage(browser);
  await signIn(page, `${url}/incidents/${incident.name}`, "Key Vault owner");
  await page.getByText("You may not do this").waitFor();
  expect(await page.getByText("touched honeytoken").count()).toBe(0);
  await context.close();
  const analyst = await openPage(browser);
  await signIn(analyst.page, `${url}/incidents/11111111-1111-4111-8111-111111111111`, "SOC analyst");
  await analyst.page.getByText("There is no such incident").waitFor();
  await analyst.context.close();
});
