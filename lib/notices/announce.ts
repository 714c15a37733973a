import "server-only";
import { randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import type { ServiceContext } from "@/lib/context";
import { readSettings } from "@/lib/settings/settings";
import type { Database } from "@/lib/store/schema";
import { SEND_QUEUE } from "./queues";
import { isTold } from "./webhook.pure";

/** What the webhook tells; docs/webhook.md describes each. No field may hold a decoy's name or a caller's own text. */
export type WebhookEvent =
  | {
      event: "incident.new";
      incident: { id: string; title: string; severity: string; vaults: string[]; url: string };
    }
  | { event: "vault.turned_red"; vaults: { id: string; reason: string }[]; total: number; url: string }
  | { event: "touch.missed"; vaults: string[]; total: number; touches: number; url: string }
  | { event: "test"; url: string };

/**
 * Puts an event in line for the webhook; the same `subject` is told once, however often it is put. Nothing where no
 * address is set or where the incident is below the least severity. `db` is the transaction of what the event is about.
 *
 * @returns whether it will be sent
 */
export async function announce(
  service: Pick<ServiceContext, "now">,
  db: Kysely<Database>,
  subject: string,
  event: WebhookEvent,
): Promise<boolean> {
  const { webhook } = await readSettings(db);
  if (webhook.url === null) return false;
  if (event.event === "incident.new" && !isTold(event.incident.severity, webhook.leastSeverity)) return false;
  const at = service.now();
  const id = randomUUID();
  const added = await db
    .insertInto("webhook_delivery")
    .values({
      id,
      subject,
      event: event.event,
      body: JSON.stringify({ id, version: 1, at: at.toISOString(), ...event }),
      state: "waiting",
      created_at: at,
      next_at: at,
      last_at: null,
      last_answer: null,
    })
    .onConflict((conflict) => conflict.column("subject").doNothing())
    .executeTakeFirst();
  return added.numInsertedOrUpdatedRows === 1n;
}

/** Wakes the sender after something was put in line. */
export async function sendSoon({ jobs }: Pick<ServiceContext, "jobs">): Promise<void> {
  await jobs.enqueue(SEND_QUEUE, "asked", {});
}
