import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { chromium } from "playwright-core";
import { findBrowser } from "../../scripts/test/browser";

/** Flags for a browser without a screen, without a sandbox under root, and without calls home. */
const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];

export async function launchBrowser(): Promise<Browser> {
  const found = await findBrowser();
  if (typeof found !== "string") throw new Error(found.help);
  return chromium.launch({ executablePath: found, args: FLAGS });
}

export type Persona = "Key Vault owner" | "SOC analyst" | "Administrator";

/** A page that remembers what a person would never see: errors, blocked content, requests to other hosts. */
export interface Watched {
  page: Page;
  context: BrowserContext;
  /** Console errors, page errors and content-policy violations so far. */
  troubles: string[];
  /** Requests that left this machine. There must be none. */
  strayRequests: string[];
}

export interface PageOptions {
  width?: number;
  height?: number;
  colorScheme?: "light" | "dark";
}

export async function openPage(browser: Browser, options: PageOptions = {}): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 900 },
    colorScheme: options.colorScheme ?? "light",
  });
  const page = await context.newPage();
  const troubles: string[] = [];
  const strayRequests: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") troubles.push(message.text());
  });
  page.on("pageerror", (error) => troubles.push(String(error)));
  page.on("request", (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (/^https?:$/.test(protocol) && hostname !== "localhost" && hostname !== "127.0.0.1")
      strayRequests.push(request.url());
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`Content policy blocked ${event.violatedDirective}: ${event.blockedURI}`);
    });
  });
  return { page, context, troubles, strayRequests };
}

/** Opens `address`, signs in as the persona, and waits until the product shows the page that was asked for. */
export async function signIn(page: Page, address: string, persona: Persona): Promise<void> {
  await page.goto(address);
  await page
    .getByRole("button", { name: /^sign in/i })
    .first()
    .click();
  await page.getByRole("button", { name: persona }).click();
  await page.waitForURL((url) => url.href.startsWith(new URL(address).origin) && !url.pathname.startsWith("/auth/"));
  await page
    .getByRole("button", { name: /sign out|account/i })
    .first()
    .waitFor();
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Accessibility faults on the page as it stands, one line each. Fluent's focus-trap markers are left out, nothing else. */
export async function axeFaults(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(context: object): Promise<{ violations: { id: string; nodes: { target: string[] }[] }[] }> };
    };
    const { violations } = await axe.run({ exclude: [["[data-tabster-dummy]"]] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
  });
}
