import "server-only";
import { type Config, JOB_IDENTITIES, SERVICE_IDENTITIES, type ServiceIdentity } from "@/lib/config";
import { type Found, type Looker, right, unknown } from "./check";

/** So long what workers did with an identity says that it still gets tokens. */
const USE_TELLS_MS = 7 * 24 * 60 * 60_000;
const HELD_BY_WORKERS = "Only the workers act with it, and this server does not hold it";

/** Whether this process acts with an identity, by its name or by another that means the same one. */
export function isHeldHere({ runJobs, identities }: Config, name: ServiceIdentity): boolean {
  if (runJobs || !JOB_IDENTITIES.includes(name)) return true;
  const held = SERVICE_IDENTITIES.filter((other) => !JOB_IDENTITIES.includes(other));
  return held.some((other) => identities[other].clientId === identities[name].clientId);
}

/** What the store shows of an identity that this process does not hold: when workers last had an answer with it. */
export async function ofWorkers(service: Looker, name: ServiceIdentity): Promise<Found> {
  const used = await lastUse(service, name);
  if (used && service.now().getTime() - used.getTime() < USE_TELLS_MS)
    return right(`${HELD_BY_WORKERS}: they last ${DEEDS[name] ?? "used it"} with it then.`, used);
  return unknown(
    `${HELD_BY_WORKERS}: it was not asked for a token here, and the workers have not used it for a week.`,
    "Run `npm run doctor` where a worker runs: there it is asked.",
  );
}

const DEEDS: Partial<Record<ServiceIdentity, string>> = { planter: "planted", drill: "made a drill" };

async function lastUse({ db }: Looker, name: ServiceIdentity): Promise<Date | undefined> {
  if (name === "planter") {
    const row = await db
      ?.selectFrom("decoy")
      .select((eb) => eb.fn.max("sent_at").as("at"))
      .where("version", "is not", null)
      .executeTakeFirst();
    return row?.at ?? undefined;
  }
  const row = await db
    ?.selectFrom("drill")
    .select((eb) => eb.fn.max("answered_at").as("at"))
    .where("answer_status", "is not", null)
    .executeTakeFirst();
  return row?.at ?? undefined;
}
