import path from "node:path";
import { listenOn } from "@/lib/config";
import { bundleSimulator } from "./bundle";
import type { Child } from "./children";
import { startSimulator } from "./simulator";
import { simulatorHolder } from "./simulator-holder";

/**
 * The tenant for a command that runs by itself. Without Azure settings it is a process of this machine, which is only there
 * while something needs it: started here (`child`, to be stopped by whoever asked) unless a product already has it
 * running (`holder`, its process id). Sets the variables that `loadConfig` then reads.
 */
export async function ownTenant(): Promise<{ child?: Child; holder?: number }> {
  const { mode, port, dataDir: folder } = listenOn();
  if (mode === "real" || process.env.SIMULATOR_URL) return {};
  const dataDir = path.resolve(folder);
  const holder = await simulatorHolder(dataDir);
  if (holder !== undefined) return { holder };
  const file = await bundleSimulator(process.cwd());
  const { child, ready } = startSimulator({ file, dataDir, origin: `http://localhost:${port}`, env: process.env });
  const { variables } = await ready;
  Object.assign(process.env, variables);
  return { child };
}
