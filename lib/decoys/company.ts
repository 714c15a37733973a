import { birthsKnown } from "./moment";
import { daysBetween, type VaultPicture } from "./picture";
import { pick, type Random } from "./random";

/** What is made within this time of another was made with it, days. */
const TOGETHER_DAYS = 10 / 1440;
/** So soon after another where the vault does not show how soon, days: from what a program needs to what a person does. */
const USUAL_DAYS = { least: 20 / 86_400, most: TOGETHER_DAYS };
const DAY_MS = 86_400_000;

/**
 * Milliseconds after which a further decoy of the same vault is made: as soon after the one before as objects of this vault
 * came that were made with another. At most ten minutes.
 */
export function lagAfterFirst(picture: VaultPicture, random: Random): number {
  const births = birthsKnown(picture);
  const gaps = births
    .slice(1)
    .map((own, index) => daysBetween(births[index] ?? own, own))
    .filter((gap) => gap < TOGETHER_DAYS);
  const { least, most } = USUAL_DAYS;
  return Math.round((gaps.length > 0 ? pick(gaps, random) : least * (most / least) ** random()) * DAY_MS);
}
