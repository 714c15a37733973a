import "server-only";
import { randomUUID } from "node:crypto";
import type { UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { writeAudit } from "@/lib/store/audit";
import { announce, sendSoon } from "./announce";
import type { WebhookView } from "./webhook.pure";

const SHOWN = 20;

/** The newest deliveries with their state, and whether the signing secret is there. Neither it nor the address is shown. */
export async function readWebhook({ db, config }: UserContext): Promise<WebhookView> {
  const [rows, state] = await Promise.all([
    db.selectFrom("webhook_delivery").selectAll().orderBy("created_at", "desc").limit(SHOWN).execute(),
    db.selectFrom("notice_state").selectAll().executeTakeFirst(),
  ]);
  return {
    secretSet: config.webhookSecret !== undefined,
    deliveries: rows.map((row) => ({
      id: row.id,
      event: row.event,
      state: row.state,
      attempts: row.attempts,
      createdAt: row.created_at.toISOString(),
      nextAt: row.state === "waiting" ? row.next_at.toISOString() : null,
      lastAnswer: row.last_answer,
    })),
    lookedAt: state?.looked_at?.toISOString() ?? null,
    problem: state?.problem ?? null,
  };
}

/** Puts a test message in line. Throws AppError `conflict` when no address is set or the secret is not there. */
export async function sendTest(ctx: UserContext): Promise<{ id: string }> {
  const { db, config, user, now } = ctx;
  if (config.webhookSecret === undefined) {
    throw new AppError("conflict", "WEBHOOK_SECRET is not set, so nothing can be signed.", {
      fix: "Set it in the environment of the product, at least 16 characters, and start it again.",
    });
  }
  const id = randomUUID();
  await db.transaction().execute(async (transaction) => {
    const put = await announce(ctx, transaction, `test:${id}`, { event: "test", url: config.origin });
    if (!put) throw new AppError("conflict", "No address is set.", { fix: "Save one first." });
    await writeAudit(transaction, { by: user, action: "webhook.test", after: { test: id }, result: "ok" }, now());
  });
  await sendSoon(ctx);
  return { id };
}
