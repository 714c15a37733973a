import "server-only";
import type { ServiceContext } from "@/lib/context";
import { ensureRegister, publishRows, type RegisterChange } from "@/lib/register/publish";
import { Gather } from "./gather";

/** Rows of one moment are one publication: many vaults of a deployment come to this step together. */
const GATHER_MS = 400;
/** Sentinel takes one upload at a time, and reading back what it made of one takes longer the more there are. */
const AT_ONCE = 1;
/** Vaults whose rows are published at once at most: about what one upload holds. */
const GATHER_MAX = 5_000;

const publishers = new WeakMap<ServiceContext["db"], Gather<readonly RegisterChange[], void>>();

/**
 * Publishes rows of one item, together with those of all others that ask in the same moment: thousands of rows then are
 * one upload instead of as many requests.
 *
 * @throws AppError as `publishRows`, for everybody whose rows were part of it: thousands must not fail by what passes, and
 * doing it again is harmless
 */
export function publishTogether(service: ServiceContext, changes: readonly RegisterChange[]): Promise<void> {
  let publisher = publishers.get(service.db);
  if (!publisher) {
    publisher = new Gather((asked) => publish(service, asked.flat()), GATHER_MS, GATHER_MAX, AT_ONCE);
    publishers.set(service.db, publisher);
  }
  return publisher.ask(changes);
}

async function publish(service: ServiceContext, changes: readonly RegisterChange[]): Promise<void> {
  await ensureRegister(service);
  await publishRows(service, changes);
}
