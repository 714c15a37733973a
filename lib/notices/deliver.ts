import "server-only";
import type { Selectable } from "kysely";
import type { ServiceContext } from "@/lib/context";
import { readSettings } from "@/lib/settings/settings";
import type { WebhookDeliveryTable } from "@/lib/store/schema";
import { post, signed } from "./internal/post";
import { addressProblem } from "./webhook.pure";

const MINUTE_MS = 60_000;
/** Between two tries at most. */
const PAUSE_MAX_MS = 60 * MINUTE_MS;
/** A message that nobody took for a day is given up. */
const GIVE_UP_MS = 24 * 60 * MINUTE_MS;
/** Deliveries that are over are forgotten then. */
const KEPT_MS = 30 * 24 * 60 * MINUTE_MS;
const AT_ONCE = 20;

/**
 * Sends what is due, oldest first; one that is not taken is tried again after 1, 2, 4... minutes, an hour at most, for
 * 24 hours. Each try is noted before it is made: after a kill a message may come twice, under the same id.
 */
export async function deliverDue(service: ServiceContext, signal: AbortSignal): Promise<void> {
  const { db, now } = service;
  await db
    .deleteFrom("webhook_delivery")
    .where("state", "!=", "waiting")
    .where("created_at", "<", new Date(now().getTime() - KEPT_MS))
    .execute();
  const due = await db
    .selectFrom("webhook_delivery")
    .selectAll()
    .where("state", "=", "waiting")
    .where("next_at", "<=", now())
    .orderBy("created_at")
    .limit(AT_ONCE)
    .execute();
  for (const one of due) {
    if (signal.aborted) return;
    await deliver(service, one);
  }
}

async function deliver(service: ServiceContext, one: Selectable<WebhookDeliveryTable>): Promise<void> {
  const { db, now } = service;
  const attempts = one.attempts + 1;
  const pause = Math.min(PAUSE_MAX_MS, MINUTE_MS * 2 ** Math.min(one.attempts, 10));
  const next = new Date(now().getTime() + pause);
  // Another process may have read the same row: whoever counts the try makes it.
  const claimed = await db
    .updateTable("webhook_delivery")
    .set({ attempts, next_at: next })
    .where("id", "=", one.id)
    .where("state", "=", "waiting")
    .where("attempts", "=", one.attempts)
    .executeTakeFirst();
  if (claimed.numUpdatedRows !== 1n) return;
  const { taken, answer } = await attempt(service, one.body);
  const over = next.getTime() - one.created_at.getTime() > GIVE_UP_MS;
  await db
    .updateTable("webhook_delivery")
    .set({ state: taken ? "delivered" : over ? "given_up" : "waiting", last_at: now(), last_answer: answer })
    .where("id", "=", one.id)
    .execute();
}

async function attempt(service: ServiceContext, body: string): Promise<{ taken: boolean; answer: string }> {
  const { db, config, now } = service;
  const { webhook } = await readSettings(db);
  if (webhook.url === null) return { taken: false, answer: "No address is set." };
  const problem = addressProblem(webhook.url, config.mode);
  if (problem !== undefined) return { taken: false, answer: problem };
  if (config.webhookSecret === undefined) {
    return { taken: false, answer: "WEBHOOK_SECRET is not set, so nothing can be signed." };
  }
  return post(webhook.url, body, signed(body, config.webhookSecret, now()), config.mode);
}
