import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import type { Browser } from "playwright-core";
import { z } from "zod";
import { identityCredential } from "@/lib/auth/identities";
import { queryLogs, queryLogsBatch } from "@/lib/azure/logs";
import { httpClientFor } from "@/lib/azure/transport";
import type { AzureAccess } from "@/lib/context";
import { IncidentList } from "@/lib/incidents/list.pure";
import { listQueries } from "@/lib/incidents/list-queries";
import { launchBrowser, openPage, signIn } from "../e2e/harness/browser";
import { startProduct } from "../e2e/harness/product";
import { type Feel, measureFeel, openPlainTable } from "./board-in-browser";
import { fillWorkspace } from "./fill-workspace";
import { simulatedConfig } from "./simulated-config";
import { median, printTable } from "./table";

const DAYS = 30;
const ROUNDS = 5;
/** What the page may take, in times of its slowest query alone. */
const RATIO_MAX = 1.5;
/** No task of the main thread may be longer while somebody filters, milliseconds. */
const TASK_MAX_MS = 50;
/** A busy machine must make it slow, not end it. */
const PATIENCE_MS = 600_000;
const TYPED = "mallory-7";

/**
 * `npm run bench -- incidents [--incidents 5000] [--rows 1000000] [--json]`: what the incidents page asks of Azure in a
 * full workspace, its one batch beside each of its queries alone, and how its list feels in a browser while it is
 * filtered, beside a plain table of the same rows.
 *
 * @returns false when the batch takes more than 1.5 times its slowest query, filtering makes a task of more than 50 ms, or
 * an incident is missing
 */
export async function incidentsBench(args: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: {
      incidents: { type: "string", default: "5000" },
      rows: { type: "string", default: "1000000" },
      json: { type: "boolean", default: false },
    },
  });
  const wanted = Number(values.incidents);
  const identityHeader = randomBytes(16).toString("hex");
  const env = { SIMULATOR_IDENTITY_HEADER: identityHeader };
  const product = await startProduct({ vaults: 240, readyWithinMs: 600_000, env });
  const browser = await launchBrowser();
  try {
    await fillWorkspace(product.simulatorUrl, { incidents: wanted, rows: Number(values.rows), days: DAYS - 1 });
    const config = await simulatedConfig(product.simulatorUrl, identityHeader);
    const access = {
      credential: identityCredential(config, "collector"),
      httpClient: httpClientFor(config),
      cloud: config.cloud,
      outbound: config.outbound,
    };
    const asked = await measureQueries(access, config.workspace.customerId);
    const { feel, list, pageMs, calls } = await pageFeel(browser, product.url, product.simulatorUrl);
    const plain = await plainFeel(browser, list);
    printFigures(asked, feel, plain, { pageMs, calls });
    const faults = [
      ...(asked.ratio > RATIO_MAX ? [`The batch took ${asked.ratio} times its slowest query.`] : []),
      ...(feel.longestTypingTaskMs > TASK_MAX_MS ? [`Filtering made a task of ${feel.longestTypingTaskMs} ms.`] : []),
      ...(list.incidents.length < wanted ? [`Only ${list.incidents.length} of ${wanted} incidents were listed.`] : []),
      ...(calls === 1 ? [] : [`The page asked Azure ${calls} times.`]),
    ];
    for (const fault of faults) console.error(fault);
    if (values.json) {
      const { batchMs, aloneMs, ratio } = asked;
      const figures = {
        incidents: list.incidents.length,
        rows: Number(values.rows),
        batchMs,
        aloneMs,
        ratio,
        pageMs,
        calls,
      };
      console.log(JSON.stringify({ bench: "incidents", ...figures, ours: feel, plain }));
    }
    return faults.length === 0;
  } finally {
    await browser.close();
    await product.stop();
  }
}

interface Asked {
  batchMs: number;
  aloneMs: { incidents: number; alerts: number };
  /** Of the batch to the slowest query alone. */
  ratio: number;
}

/** Rounds are interleaved, so that a busy moment of the machine hits the batch and the single queries alike. */
async function measureQueries(access: AzureAccess, workspace: string): Promise<Asked> {
  const times: Record<"batch" | "incidents" | "alerts", number[]> = { batch: [], incidents: [], alerts: [] };
  const [incidents, alerts] = listQueries(DAYS, new Date());
  // Rows as they come, without the reading of their columns: the time is that of Azure.
  const anything = z.unknown();
  const batch = () =>
    queryLogsBatch<[unknown, unknown]>(
      access,
      workspace,
      [
        { ...incidents, schema: anything },
        { ...alerts, schema: anything },
      ],
      { within: PATIENCE_MS },
    );
  // The first of each makes the plans.
  await batch();
  for (let round = 0; round < ROUNDS; round++) {
    times.batch.push(await milliseconds(batch));
    times.incidents.push(
      await milliseconds(() => queryLogs(access, workspace, incidents, anything, { within: PATIENCE_MS })),
    );
    times.alerts.push(
      await milliseconds(() => queryLogs(access, workspace, alerts, anything, { within: PATIENCE_MS })),
    );
  }
  const aloneMs = { incidents: Math.round(median(times.incidents)), alerts: Math.round(median(times.alerts)) };
  const batchMs = Math.round(median(times.batch));
  return { batchMs, aloneMs, ratio: Math.round((100 * batchMs) / Math.max(aloneMs.incidents, aloneMs.alerts)) / 100 };
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const Requests = z.object({ services: z.record(z.string(), z.number()) });

/** The page as an analyst opens it: what it asked of Azure until its first list was there, then how filtering feels. */
async function pageFeel(browser: Browser, url: string, simulatorUrl: string) {
  const { page, context } = await openPage(browser);
  await signIn(page, `${url}/vaults`, "SOC analyst");
  await page.goto("about:blank");
  const pending = page.waitForResponse((response) => response.url().includes("/api/incidents"), { timeout: 300_000 });
  const started = performance.now();
  await page.goto(`${url}/incidents`);
  const response = await pending;
  await page.getByRole("row").nth(5).waitFor();
  const pageMs = Math.round(performance.now() - started);
  const authorization = response.request().headers().authorization ?? "";
  const calls = await callsOf(simulatorUrl, () => fetch(`${url}/api/incidents`, { headers: { authorization } }));
  const list = IncidentList.parse(await response.json());
  await page.waitForTimeout(5000);
  const feel = await measureFeel(page, 'input[type="search"]', "tbody tr >> nth=3", TYPED);
  await context.close();
  return { feel, list, pageMs, calls };
}

/** What one reading of the list asks of Azure: the least of some, since the product's own background asks it too. */
async function callsOf(simulatorUrl: string, read: () => Promise<Response>): Promise<number> {
  const counts: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await fetch(`${simulatorUrl}/sim/requests/reset`, { method: "POST" });
    const answer = await read();
    if (!answer.ok) throw new Error(`The list answered ${answer.status}.`);
    await answer.text();
    const { services } = Requests.parse(await (await fetch(`${simulatorUrl}/sim/requests`)).json());
    // Sign-in traffic is not a call for data.
    const data = Object.entries(services).filter(([service]) => !/entra|control|identity/.test(service));
    counts.push(data.reduce((sum, [, count]) => sum + count, 0));
  }
  return Math.min(...counts);
}

async function plainFeel(browser: Browser, list: IncidentList): Promise<Feel> {
  const { page, context } = await openPage(browser);
  const told = new Map(list.alerts.map((alert) => [alert.incident, alert]));
  await openPlainTable(
    page,
    list.incidents.map(({ id, title, severity, status, owner, createdAt }) => {
      const alert = told.get(id);
      const vaults = alert?.vaults.map((place) => list.vaults[place]?.split("/").at(-1) ?? "") ?? [];
      return [title, severity, status, vaults.join(), alert?.callers.join() ?? "", owner ?? "", createdAt];
    }),
  );
  const feel = await measureFeel(page, "#filter", "#scroll", TYPED);
  await context.close();
  return feel;
}

function printFigures(
  asked: Asked,
  feel: Feel,
  plain: Feel,
  { pageMs, calls }: { pageMs: number; calls: number },
): void {
  printTable(
    ["log queries, median of rounds", "ms"],
    [
      ["incidents alone", String(asked.aloneMs.incidents)],
      ["alerts alone", String(asked.aloneMs.alerts)],
      ["both in one batch", String(asked.batchMs)],
      ["batch to slowest query", String(asked.ratio)],
      [`page with its rows, calls to Azure for them: ${calls}`, String(pageMs)],
    ],
  );
  console.log("");
  printTable(
    ["in the browser", "key to paint, ms", "longest task while filtering, ms", "while scrolling, ms"],
    [feelRow("incidents", feel), feelRow("plain table, all rows", plain)],
  );
}

function feelRow(name: string, { keyToPaintMs, longestTypingTaskMs, longestTaskMs }: Feel): string[] {
  return [name, String(keyToPaintMs), String(longestTypingTaskMs), String(longestTaskMs)];
}
