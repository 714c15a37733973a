import "server-only";
import type { Kysely } from "kysely";
import type { Config } from "@/lib/config";
import type { Decoy } from "@/lib/store/decoys";
import type { Database } from "@/lib/store/schema";

interface Clock {
  db: Kysely<Database>;
  now(): Date;
  config: { timing: Pick<Config["timing"], "rulesReadWithin"> };
}

/**
 * Milliseconds until the rules have surely read our last write, by the row that says when it was expected; none or fewer when
 * they have. A row that is on its way out says so only of its deletion, and the write would raise an alarm.
 */
export async function unreadFor(
  { db, now, config }: Clock,
  decoys: readonly Pick<Decoy, "id" | "state" | "sent_at">[],
): Promise<number> {
  const live = decoys.filter(({ state }) => state === "live");
  if (live.length === 0) return 0;
  const ids = live.map(({ id }) => id);
  const { renewed } = await db
    .selectFrom("decoy_renewal")
    .select((eb) => eb.fn.max<Date | null>("sent_at").as("renewed"))
    .where("decoy_id", "in", ids)
    .executeTakeFirstOrThrow();
  const last = Math.max(renewed?.getTime() ?? 0, ...live.map((decoy) => decoy.sent_at?.getTime() ?? 0));
  return last + config.timing.rulesReadWithin - now().getTime();
}
