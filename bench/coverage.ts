import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { z } from "zod";
import { identityCredential } from "@/lib/auth/identities";
import { httpClientFor } from "@/lib/azure/transport";
import { Board } from "@/lib/coverage/board.pure";
import { launchBrowser, openPage, signIn } from "../e2e/harness/browser";
import { startProduct } from "../e2e/harness/product";
import { measureFeel, openPlainTable } from "./board-in-browser";
import { askEveryVault } from "./plain-loop";
import { simulatedConfig } from "./simulated-config";
import { printTable } from "./table";

const Requests = z.looseObject({ services: z.record(z.string(), z.number()) });

/**
 * What a board costs: Azure calls first, then milliseconds, beside a plain loop that asks every vault, and how the
 * board feels in a browser beside a plain table. Fails when a vault is green with a fact that was never collected.
 */
export async function coverageBench(args: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: { vaults: { type: "string", default: "10000" }, json: { type: "boolean", default: false } },
  });
  const vaults = Number(values.vaults);
  const identityHeader = randomBytes(16).toString("hex");
  const product = await startProduct({
    vaults,
    readyWithinMs: 600_000,
    env: { SIMULATOR_IDENTITY_HEADER: identityHeader },
  });
  const browser = await launchBrowser();
  try {
    const started = performance.now();
    const token = await administratorToken(browser, product.url);
    const read = () => readBoard(product.url, token);

    const determined = await untilDetermined(read);
    const secondsToAllDetermined = Math.round((performance.now() - started) / 100) / 10;
    const collectorCalls = (await requests(product.simulatorUrl)).total;

    // The person's list and the bulk facts are cached; a cold read is one after both have aged.
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    await fetch(`${product.simulatorUrl}/sim/requests/reset`, { method: "POST" });
    const cold = await timed(read);
    const calls = (await requests(product.simulatorUrl)).total;
    const warm = await timed(read);
    const warmCalls = (await requests(product.simulatorUrl)).total - calls;
    const faults = [...determined.faults, ...greenWithoutEvidence(cold.value)];

    await fetch(`${product.simulatorUrl}/sim/requests/reset`, { method: "POST" });
    const config = await simulatedConfig(product.simulatorUrl, identityHeader);
    const azure = {
      credential: identityCredential(config, "collector"),
      httpClient: httpClientFor(config),
      cloud: config.cloud,
      outbound: config.outbound,
    };
    const baseline = await timed(() => askEveryVault(azure));
    const baselineCalls = (await requests(product.simulatorUrl)).total;

    const feel = await boardFeel(browser, product.url);
    const plain = await plainFeel(browser, cold.value);

    printTable(
      ["board of", "Azure calls", "ms", "in the background"],
      [
        [
          `${cold.value.vaults.length} vaults, cold`,
          String(calls),
          String(cold.ms),
          `${collectorCalls} calls until all were determined, ${secondsToAllDetermined} s`,
        ],
        [`${cold.value.vaults.length} vaults, warm`, String(warmCalls), String(warm.ms), ""],
        [
          `plain loop over ${baseline.value.vaults}`,
          String(baselineCalls),
          String(baseline.ms),
          `${baseline.value.refused} calls refused`,
        ],
      ],
    );
    console.log("");
    printTable(
      ["in the browser", "key to paint, ms", "longest task while scrolling, ms"],
      [
        ["board", String(feel.keyToPaintMs), String(feel.longestTaskMs)],
        ["plain table, all rows", String(plain.keyToPaintMs), String(plain.longestTaskMs)],
      ],
    );
    for (const fault of faults) console.error(fault);
    if (values.json) {
      console.log(
        JSON.stringify({
          calls,
          collectorCalls,
          secondsToAllDetermined,
          baselineCalls,
          coldMs: cold.ms,
          warmMs: warm.ms,
          baselineMs: baseline.ms,
          keyToPaintMs: feel.keyToPaintMs,
          longestTaskMs: feel.longestTaskMs,
        }),
      );
    }
    return faults.length === 0;
  } finally {
    await browser.close();
    await product.stop();
  }
}

async function administratorToken(browser: Awaited<ReturnType<typeof launchBrowser>>, url: string): Promise<string> {
  const { page, context } = await openPage(browser);
  const asked = page.waitForRequest(
    (request) => request.url().includes("/api/vaults") && request.headers().authorization !== undefined,
  );
  await signIn(page, `${url}/vaults`, "Administrator");
  const authorization = (await asked).headers().authorization ?? "";
  await context.close();
  return authorization.replace(/^Bearer /, "");
}

async function readBoard(url: string, token: string): Promise<Board> {
  const response = await fetch(`${url}/api/vaults`, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`The board answered ${response.status}: ${await response.text()}`);
  return Board.parse(await response.json());
}

async function untilDetermined(read: () => Promise<Board>): Promise<{ faults: string[] }> {
  const faults: string[] = [];
  for (;;) {
    const board = await read();
    faults.push(...greenWithoutEvidence(board));
    if (board.vaults.length > 0 && board.collector.done >= board.collector.total) return { faults };
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

function greenWithoutEvidence(board: Board): string[] {
  return board.vaults
    .filter(({ state, checkedAt }) => state === "protected" && checkedAt === null)
    .map(({ name }) => `${name} is green with a fact that was never collected`);
}

async function requests(simulatorUrl: string): Promise<{ total: number }> {
  const { services } = Requests.parse(await (await fetch(`${simulatorUrl}/sim/requests`)).json());
  // Sign-in traffic is not an Azure call for data.
  const total = Object.entries(services).reduce(
    (sum, [service, count]) => (/entra|control|identity/.test(service) ? sum : sum + count),
    0,
  );
  return { total };
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const start = performance.now();
  const value = await work();
  return { value, ms: Math.round(performance.now() - start) };
}

async function boardFeel(browser: Awaited<ReturnType<typeof launchBrowser>>, url: string) {
  const { page, context } = await openPage(browser);
  await signIn(page, `${url}/vaults`, "Administrator");
  await page.getByRole("row").nth(5).waitFor();
  await page.waitForTimeout(3000);
  const feel = await measureFeel(page, 'input[type="search"]', '[role="row"] >> nth=5');
  await context.close();
  return feel;
}

async function plainFeel(browser: Awaited<ReturnType<typeof launchBrowser>>, board: Board) {
  const { page, context } = await openPage(browser);
  await openPlainTable(
    page,
    board.vaults.map(({ name, state, subscription, resourceGroup, location, decoys }) => [
      name,
      state,
      subscription,
      resourceGroup,
      location,
      String(decoys),
    ]),
  );
  const feel = await measureFeel(page, "#filter", "#scroll");
  await context.close();
  return feel;
}
