import path from "node:path";
import { parseArgs } from "node:util";
import { databasePassword } from "@/lib/auth/identities";
import { checkApiCredential } from "@/lib/auth/on-behalf-of";
import { type Config, ConfigError, listenOn, loadConfig } from "@/lib/config";
import { AppError } from "@/lib/errors";
import { ownIdentities } from "@/lib/service";
import { runChecks } from "@/lib/setup/checks";
import { type Check, type CheckState, countStates } from "@/lib/setup/checks.pure";
import type { ServerAddress } from "@/lib/store/connection";
import { otherSessions, readServer } from "@/lib/store/sessions";
import { type Child, stopChild } from "./start/children";
import { readEnvironmentFiles } from "./start/environment-files";
import { ownTenant } from "./start/own-tenant";
import { readTenantNote } from "./start/tenant-note";

/**
 * `npm run doctor [-- --json]`: checks the configuration against the tenant, real or simulated, and prints what is wrong with
 * what to do. Changes nothing, and opens no store. Exit code 0 when nothing is wrong, 1 when something is, 2 when the
 * configuration itself cannot be used.
 */
const GRACE_MS = 8_000;
const MARKS: Record<CheckState, string> = {
  right: "ok     ",
  wrong: "WRONG  ",
  warning: "warning",
  unknown: "unknown",
};

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
  readEnvironmentFiles(process.cwd());
  let simulator: Child | undefined;
  try {
    const tenant = await ownTenant();
    simulator = tenant.child;
    // Beside a running product the tenant is the one that it started.
    if (tenant.holder !== undefined) Object.assign(process.env, readTenantNote(path.resolve(listenOn().dataDir)));
    const config = loadConfig();
    const checks = await allChecks(config);
    if (values.json) console.log(JSON.stringify({ checks }));
    else print(checks, config.origin);
    return countStates(checks).wrong > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    return 2;
  } finally {
    if (simulator) await stopChild(simulator, GRACE_MS);
  }
}

async function allChecks(config: Config): Promise<Check[]> {
  const server =
    config.databaseUrl === undefined ? undefined : { url: config.databaseUrl, password: databasePassword(config) };
  const saved = server && (await readServer(server));
  const looker = { config, azure: ownIdentities(config), now: () => new Date(), ...(saved && { db: saved.db }) };
  try {
    return await checksWith(config, server, looker);
  } finally {
    await saved?.close();
  }
}

async function checksWith(
  config: Config,
  server: ServerAddress | undefined,
  looker: Parameters<typeof runChecks>[0],
): Promise<Check[]> {
  const [credential, database, others] = await Promise.all([
    ownCheck("sign_in", "credential", "The product's own credential", async () => {
      await checkApiCredential(config);
      return "Entra ID accepts it.";
    }),
    server === undefined ? [] : databaseCheck(server),
    runChecks(looker),
  ]);
  return [credential, database, others].flat();
}

function databaseCheck(server: ServerAddress): Promise<Check> {
  return ownCheck("workspace", "database", "The database", async () => {
    const sessions = await otherSessions(server);
    return `It answers; ${sessions} other sessions are open.`;
  });
}

async function ownCheck(area: Check["area"], id: string, title: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { area, id, title, state: "right", evidence: await look(), fix: "", at: new Date().toISOString() };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { message, fix = "" } = error.failure;
    return { area, id, title, state: "wrong", evidence: message, fix, at: new Date().toISOString() };
  }
}

/** Pages of the product stand with the address where people open it. */
function print(checks: readonly Check[], origin: string): void {
  for (const { state, title, evidence, fix, command, link } of checks) {
    console.log(`${MARKS[state]}  ${title}: ${evidence}`);
    if (state === "right") continue;
    if (fix !== "") console.log(`         ${fix}`);
    if (command !== undefined) console.log(`         ${command}`);
    if (link !== undefined) console.log(`         ${link.text}: ${new URL(link.href, origin).href}`);
  }
  const { right, wrong, warning, unknown } = countStates(checks);
  console.log(`${right} ok, ${wrong} wrong, ${warning} warnings, ${unknown} unknown.`);
}

process.exit(await main());
