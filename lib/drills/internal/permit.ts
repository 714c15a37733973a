import "server-only";
import { tryListing } from "@/lib/azure/key-vault";
import { type VaultId, vaultIdParts } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import {
  drillsWithLeftRights,
  giveReadRight,
  readRightOf,
  stillMayGiveReads,
  takeReadRightBack,
} from "@/lib/deployments/read-grants";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import type { DrillProblem } from "../drills.pure";
import type { DrillRow } from "./records";

/** Under whose name the right of a drill is taken back. */
const bySystem = (service: ServiceContext) => ({ tid: service.config.tenantId, system: "drill" });

/**
 * Brings a queued drill by a permitted read one step nearer to its read: asks again whether the person may give rights,
 * makes sure that the identity has none yet, gives it the right and waits until that works, by listing and never by
 * naming an object.
 *
 * @returns ready = the read may be made now; waiting = come again; else why it cannot be made
 */
export async function permit(
  service: ServiceContext,
  drill: DrillRow,
  vaultId: VaultId,
  kind: "secret" | "key",
): Promise<"ready" | "waiting" | DrillProblem> {
  const right = await readRightOf(service.db, drill.id);
  if (right?.state === "given") return isWorking(service, vaultId, kind, right.created_at);
  if (right && right.state !== "intended") return "taken_back";
  const asker = { drillId: drill.id, vaultId, oid: drill.requested_by_oid };
  if (!(await stillMayGiveReads(service, asker))) return "may_not_give";
  // With a right already on record it may work by now; without one, whoever is let in holds another.
  const before = await tryListing(service.azure.drill, vaultIdParts(vaultId).name, kind);
  if (before.byNetwork) return "network";
  if (!right && before.status < 300) return "has_right";
  const { requested_by_tid: tid, requested_by_oid: oid, requested_by_name: name } = drill;
  const reading = { drillId: drill.id, vaultId, kind, principalOid: drill.identity_oid, by: { tid, oid, name } };
  try {
    const given = await giveReadRight(service, reading);
    if (given === "held") return "has_right";
    if (given === "taken") return "taken_back";
    // Without a right of its own on record it is an earlier drill's that is in the way.
    return given === "busy" && !right && isOverdue(service, drill) ? "right_left" : "waiting";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn({ err: error, drill: drill.id }, "the right of a drill could not be given");
    return "not_given";
  }
}

/** Whether a drill has waited for its right long enough: while it is queued, no other is made of its vault. */
export function isOverdue({ now, config }: ServiceContext, { not_before: from }: DrillRow): boolean {
  return now().getTime() - from.getTime() > config.timing.drillLateAfter;
}

async function isWorking(
  service: ServiceContext,
  vaultId: VaultId,
  kind: "secret" | "key",
  since: Date,
): Promise<"ready" | "waiting" | DrillProblem> {
  const { status, byNetwork } = await tryListing(service.azure.drill, vaultIdParts(vaultId).name, kind);
  if (status < 300) return "ready";
  if (byNetwork) return "network";
  const waited = service.now().getTime() - since.getTime();
  return waited > service.config.timing.grantRetryFor ? "no_spread" : "waiting";
}

/**
 * Takes back the rights of drills that have made their touch or have ended, also of those whose process died in between.
 * What Azure refuses is tried again at the next round, and by the sweeper when its lease is over.
 */
export async function takeLeftRightsBack(service: ServiceContext): Promise<void> {
  for (const drillId of await drillsWithLeftRights(service.db)) await takeRightBack(service, drillId);
}

/** The same for one drill, at once after its touch. */
export async function takeRightBack(service: ServiceContext, drillId: string): Promise<void> {
  try {
    await takeReadRightBack(service, drillId, bySystem(service));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn({ err: error, drill: drillId }, "the right of a drill could not be taken back yet");
  }
}
