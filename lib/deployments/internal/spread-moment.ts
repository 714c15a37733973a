import "server-only";
import type { ServiceContext } from "@/lib/context";
import { planMoment } from "@/lib/decoys/moment";
import type { VaultPicture } from "@/lib/decoys/picture";
import { type Random, secureRandom } from "@/lib/decoys/random";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import type { Run } from "./ledger";
import { writeChange } from "./ledger-writes";
import { listVault, vaultPicture } from "./vault-picture";
import { versionsOfRun } from "./version-log";
import { spreadHoursOf } from "./wanted";

const HOUR_MS = 3_600_000;

/**
 * Milliseconds until a vault's turn comes in a deployment that is spread; 0 = now. The moment is drawn from the vault's
 * own habits the first time that the vault is looked at, and recorded, so that it stays the same after a kill. A retry
 * does not wait again, and a removal has random moments from its start.
 */
export async function untilMoment(service: ServiceContext, run: Run): Promise<number> {
  const { deployment, item, steps } = run;
  if (steps.size > 0 || item.ending !== null) return 0;
  const now = service.now();
  if (item.moment !== null) return Math.max(0, item.moment.getTime() - now.getTime());
  const hours = deployment.operation === "retire" ? 0 : spreadHoursOf(deployment);
  const until = new Date((deployment.started_at ?? now).getTime() + hours * HOUR_MS);
  if (until <= now) return 0;
  const moment = momentWithin(await pictureFor(service, run), { from: now, until }, secureRandom);
  const drawn = { ...item, moment, updated_at: now };
  await writeChange(service.db, run, { item: drawn });
  run.item = drawn;
  return Math.max(0, moment.getTime() - service.now().getTime());
}

async function pictureFor(service: ServiceContext, run: Run): Promise<VaultPicture> {
  try {
    const [listed, versions] = await Promise.all([listVault(service, run.vaultId), versionsOfRun(service, run)]);
    return vaultPicture(service, run.vaultId, listed, versions);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // The check before planting asks again and says what is wrong; here only the habits are missing.
    log.warn({ err: error, vaultId: run.vaultId }, "the moment of a planting was drawn without the vault's habits");
    return { objects: [], softDeleted: [], siblings: [] };
  }
}

/** The generator's moments follow the vault's hours, which a window of some hours may not hold. */
const TRIES = 40;

/** A moment in the window that fits the vault's habits; where none of them lies in the window, any moment in it. */
export function momentWithin(
  picture: VaultPicture,
  { from, until }: { from: Date; until: Date },
  random: Random,
): Date {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const { at } = planMoment(picture, { from, until }, random);
    if (at > from && at <= until) return at;
  }
  return new Date(from.getTime() + random() * (until.getTime() - from.getTime()));
}
