import { existsSync, rmSync } from "node:fs";
import path from "node:path";
import { listenOn } from "@/lib/config";
import { AppError } from "@/lib/errors";
import { lockFolder } from "@/lib/store/lock";
import { readEnvironmentFiles } from "./start/environment-files";
import { simulatorHolder } from "./start/simulator-holder";
import { TENANT_NOTE } from "./start/tenant-note";

/** `npm run reset`: back to the first state, unless the product runs. Asks nothing; names what it removed. */
const OURS = ["db", "simulator", "rules", TENANT_NOTE];

async function reset(): Promise<number> {
  readEnvironmentFiles(process.cwd());
  const dataDir = path.resolve(listenOn().dataDir);
  if (!existsSync(dataDir)) {
    console.log(`There is nothing in ${dataDir}.`);
    return 0;
  }
  const simulator = await simulatorHolder(dataDir);
  if (simulator !== undefined) {
    console.error(`The simulated tenant is running as process ${simulator}. Stop it first; nothing was removed.`);
    return 1;
  }
  let unlock: (() => Promise<void>) | undefined;
  try {
    unlock = await lockFolder(dataDir);
    const removed = OURS.filter((name) => existsSync(path.join(dataDir, name)));
    for (const name of removed) rmSync(path.join(dataDir, name), { recursive: true, force: true });
    console.log(
      removed.length > 0 ? `Removed ${removed.join(", ")} from ${dataDir}.` : `There is nothing in ${dataDir}.`,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    console.error(`The product is running: ${error.message} Stop it first; nothing was removed.`);
    return 1;
  } finally {
    await unlock?.();
  }
}

process.exit(await reset());
