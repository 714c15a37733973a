import { below, type Random } from "./random";
import type { DecoySettings } from "./settings.pure";

/** How many decoys of a kind one vault gets. */
export function decoyCount(settings: DecoySettings, random: Random): number {
  const additional =
    settings.additionalProbability > 0 && below(1_000_000, random) < settings.additionalProbability * 1_000_000;
  return settings.perVault + (additional ? 1 : 0);
}
