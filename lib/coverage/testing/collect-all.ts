import { setTimeout as pause } from "node:timers/promises";
import type { ServiceContext } from "@/lib/context";
import { readVaultFacts } from "@/lib/store/facts";
import { startCollector } from "./collector";

/** Runs the background collection until it has read the settings of so many vaults. */
export async function collectAll(service: ServiceContext, vaults: number): Promise<void> {
  const collector = startCollector(service);
  while ((await readVaultFacts(service.db, "diagnostics")).length < vaults) await pause(200);
  await collector.stop();
}
