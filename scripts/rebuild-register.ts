import { parseArgs } from "node:util";
import { databasePassword } from "@/lib/auth/identities";
import { parseVaultId, vaultIdParts } from "@/lib/azure/resource-id.pure";
import { type Config, ConfigError, loadConfig } from "@/lib/config";
import type { ServiceContext } from "@/lib/context";
import { type StandingRight, standingRights } from "@/lib/deployments/standing-rights";
import { AppError } from "@/lib/errors";
import { type Rebuilt, rebuildRegister } from "@/lib/register/rebuild";
import { openService } from "@/lib/service";
import type { Store } from "@/lib/store/open";
import { otherSessions } from "@/lib/store/sessions";
import { type Child, stopChild } from "./start/children";
import { readEnvironmentFiles } from "./start/environment-files";
import { ownTenant } from "./start/own-tenant";

/**
 * `npm run rebuild-register [-- --merge]`: fills the register of a lost database from the published watchlist and the
 * vaults' audit logs, and says what it could not decide. Refuses while the product runs on the same store, and a store
 * that has honeytokens unless `--merge` is said. Prints no honeytoken's name. Exit codes as of `npm start`.
 */
const GRACE_MS = 8_000;

/** A sentence for the person at the terminal. */
class Refusal extends Error {}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { merge: { type: "boolean", default: false } } });
  readEnvironmentFiles(process.cwd());
  let simulator: Child | undefined;
  let store: Store | undefined;
  try {
    const tenant = await ownTenant();
    if (tenant.holder !== undefined)
      throw new Refusal(`The simulated tenant is running as process ${tenant.holder}. Stop the product first.`);
    simulator = tenant.child;
    const config = loadConfig();
    await requireAlone(config);
    const opened = await openService(config);
    store = opened.store;
    const { service } = opened;
    printRebuilt(await rebuildRegister(service, values));
    await printRights(service);
    return 0;
  } catch (error) {
    if (!(error instanceof AppError || error instanceof Refusal || error instanceof ConfigError)) throw error;
    const fix = error instanceof AppError ? (error.failure.fix ?? "") : "";
    console.error(`${error.message} ${fix}`.trim());
    return error instanceof ConfigError ? 2 : 1;
  } finally {
    await store?.close();
    if (simulator) await stopChild(simulator, GRACE_MS);
  }
}

/** The embedded store refuses a second process by itself; a server would let us in beside a running product. */
async function requireAlone(config: Config): Promise<void> {
  const { databaseUrl: url } = config;
  const others = url === undefined ? 0 : await otherSessions({ url, password: databasePassword(config) });
  if (others > 0) {
    throw new Refusal(
      `${others} other sessions are open on this database. Stop the product, its workers and database consoles first.`,
    );
  }
}

function printRebuilt(rebuilt: Rebuilt): void {
  const { published, recovered, proven, retiring, exceptions, undecided, problems } = rebuilt;
  console.log(
    `${published} honeytokens are published; ${recovered} came back, ${proven} of them proven by the audit log.`,
  );
  if (retiring > 0) console.log(`${retiring} were being retired: ask for that again.`);
  if (exceptions > 0) console.log(`${exceptions} alert exceptions came back: confirm each on its page, or end it.`);
  for (const [problem, rows] of problems) console.log(`${rows} rows passed over: ${problem}.`);
  if (undecided.length === 0) console.log("Nothing was left undecided.");
  else console.log(`${undecided.length} were left undecided (their names stand in the watchlist and the vault's log):`);
  for (const { why, vaultId, kind, at } of undecided)
    console.log(`  ${placeOf(vaultId)}: a ${kind}, ${WHY[why]}${at ? `, ${at.toISOString()}` : ""}`);
  console.log("Lost for good: keyed hashes of values, expiry dates until the next listing, and who asked for what.");
}

const WHY: Record<Rebuilt["undecided"][number]["why"], string> = {
  "never seen": "announced in the watchlist, but the log shows no creation of it; not taken over",
  "also written by somebody else": "written by somebody else than the planter too; taken over without proof",
  "not in the register": "made by the planter, but not in the watchlist; not taken over",
};

async function printRights(service: ServiceContext): Promise<void> {
  const rights = await standingRights(service);
  const ours = rights.filter((right) => right.ours);
  if (rights.length === 0) console.log("No assignment of the planting role stands.");
  const line = ({ scope, assignment }: StandingRight) => `  ${placeOf(scope)}: ${assignment}`;
  if (ours.length > 0)
    console.log(
      ["Left over by this product, which takes them back within minutes of its next start:", ...ours.map(line)].join(
        "\n",
      ),
    );
  const others = rights.filter((right) => !right.ours);
  if (others.length > 0) console.log(["Of other origin; look at them:", ...others.map(line)].join("\n"));
}

function placeOf(id: string): string {
  const vaultId = parseVaultId(id);
  if (!vaultId) return id;
  const { subscriptionId, resourceGroup, name } = vaultIdParts(vaultId);
  return `${name} (${resourceGroup}, ${subscriptionId})`;
}

process.exit(await main());
