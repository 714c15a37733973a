import "server-only";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { changeIncident } from "@/lib/incidents/write-back";
import { log } from "@/lib/log";
import { writeAudit } from "@/lib/store/audit";
import { type Decided, moveLook } from "./decisions";

const HOUR = 60 * 60_000;
/** A second look that cannot be made is given up so long after it was due: deleted and merged incidents never come back. */
const GIVE_UP_AFTER = 6 * HOUR;
const WAIT_MIN = 60_000;

const GIVEN_UP =
  "The second look at this incident was given up: for six hours it could not be read to its end. What came in after it was closed was not looked at.";

/**
 * Notes that a second look could not be made: it is tried again after longer and longer waits, an hour at most, and in
 * the end given up with a comment where the incident takes one, and an audit row in any case.
 */
export async function noteMissedLook(service: ServiceContext, decided: Decided): Promise<void> {
  const now = service.now();
  const waited = now.getTime() - decided.decidedAt.getTime() - service.config.timing.drillLookAgainAfter;
  if (waited < GIVE_UP_AFTER) {
    const wait = Math.min(HOUR, Math.max(WAIT_MIN, waited));
    await moveLook(service.db, decided, new Date(now.getTime() + wait));
    return;
  }
  const by = { tid: service.config.tenantId, system: "drill" };
  try {
    const request = { by, incidentName: decided.name, change: { comment: GIVEN_UP } };
    await changeIncident(service, service.azure.registrar, request);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn({ err: error, incident: decided.name }, "an incident of a drill takes no comment");
  }
  await service.db.transaction().execute(async (transaction) => {
    await moveLook(transaction, decided, undefined, `${decided.reason} ${GIVEN_UP}`);
    const after = { incident: decided.name, decision: decided.decision };
    await writeAudit(transaction, { by, action: "drill.look_again", after, result: GIVEN_UP }, now);
  });
}
