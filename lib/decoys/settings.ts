import { z } from "zod";
import { below, type Random } from "./random";

const keywords = z.array(z.string().regex(/^[a-zA-Z0-9]{1,30}$/, "A keyword has letters and digits only.")).max(200);

/** What an administrator may set, with the meaning it had in the solution that this product replaces. */
export const DecoySettings = z.strictObject({
  /** Words that names of decoy keys are made with, beside those of the vault. */
  keyKeywords: keywords.default([]),
  /** The same for secrets. */
  secretKeywords: keywords.default([]),
  /** Decoys per vault and kind. */
  perVault: z.number().int().min(1).max(5).default(1),
  /** Chance of one more, 0 to 1. */
  additionalProbability: z.number().min(0).max(1).default(0),
});
export type DecoySettings = z.infer<typeof DecoySettings>;

/** How many decoys of a kind one vault gets. */
export function decoyCount(settings: DecoySettings, random: Random): number {
  const additional =
    settings.additionalProbability > 0 && below(1_000_000, random) < settings.additionalProbability * 1_000_000;
  return settings.perVault + (additional ? 1 : 0);
}
