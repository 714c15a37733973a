import "server-only";
import type { ServiceContext } from "@/lib/context";
import { planMoment } from "@/lib/decoys/moment";
import type { VaultPicture } from "@/lib/decoys/picture";
import { secureRandom } from "@/lib/decoys/random";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import type { Run } from "./ledger";
import { writeChange } from "./ledger-writes";
import { listVault, vaultPicture } from "./vault-picture";
import { versionsOfRun } from "./version-log";
import { waitingFrom } from "./waiting";
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
  const picture = await pictureFor(service, run);
  const { at, join } = planMoment(picture, { from: now, until }, secureRandom);
  const waiting = picture.objects.length > 0 ? waitingFrom(run.vaultId, picture, join) : null;
  const drawn = { ...item, moment: at, waiting, updated_at: now };
  await writeChange(service.db, run, { item: drawn });
  run.item = drawn;
  return Math.max(0, at.getTime() - service.now().getTime());
}

async function pictureFor(service: ServiceContext, run: Run): Promise<VaultPicture> {
  try {
    const [listed, versions] = await Promise.all([listVault(service, run.vaultId), versionsOfRun(service, run)]);
    return vaultPicture(service, run.vaultId, listed, { versions });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // The check before planting asks again and says what is wrong; here only the habits are missing.
    log.warn({ err: error, vaultId: run.vaultId }, "the moment of a planting was drawn without the vault's habits");
    return { objects: [], softDeleted: [], siblings: [] };
  }
}
