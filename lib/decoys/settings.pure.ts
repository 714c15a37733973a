import { z } from "zod";

const keywords = z
  .array(z.string().regex(/^[a-zA-Z0-9]{1,30}$/, "A keyword has 1 to 30 letters or digits, nothing else."))
  .max(200, "At most 200 keywords.");

/** What an administrator may set, with the meaning it had in the solution that this product replaces. */
export const DecoySettings = z.strictObject({
  /** Words that names of decoy keys are made with, beside those of the vault. */
  keyKeywords: keywords.default([]),
  /** The same for secrets. */
  secretKeywords: keywords.default([]),
  /** Decoys per vault and kind. */
  perVault: z.int("Give a whole number.").min(1, "At least 1.").max(5, "At most 5.").default(1),
  /** Chance of one more, 0 to 1. */
  additionalProbability: z
    .number("Give a number.")
    .min(0, "Give a chance from 0 to 100 percent.")
    .max(1, "Give a chance from 0 to 100 percent.")
    .default(0),
});
export type DecoySettings = z.infer<typeof DecoySettings>;
