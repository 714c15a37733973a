import "server-only";
import { isDeepStrictEqual } from "node:util";
import { type Kysely, type Selectable, sql } from "kysely";
import type { z } from "zod";
import type { UserContext } from "@/lib/context";
import { saysDecoy } from "@/lib/decoys/safety";
import { AppError } from "@/lib/errors";
import { addressProblem, originOf, type WebhookSettings } from "@/lib/notices/webhook.pure";
import { writeAudit } from "@/lib/store/audit";
import type { Database, SettingTable } from "@/lib/store/schema";
import {
  type RecommendationSettings,
  SETTING_GROUPS,
  type SettingGroup,
  type Settings,
  type SettingsChange,
  type SettingsView,
} from "./settings.pure";

/**
 * All settings, with the defaults where nobody changed anything.
 *
 * @throws AppError `unavailable` when a stored group is not understood: a default in its place could allow what an
 *   administrator forbade
 */
export async function readSettings(db: Kysely<Database>): Promise<Settings> {
  return settingsIn(await db.selectFrom("setting").selectAll().execute());
}

/** The one group about what owners are asked. Throws as `readSettings`. */
export async function readRecommendation(db: Kysely<Database>): Promise<RecommendationSettings> {
  const rows = await db.selectFrom("setting").selectAll().where("name", "=", "recommendation").execute();
  return groupIn(rows, "recommendation", SETTING_GROUPS.recommendation);
}

/** All settings for the page, with who changed what, and whether the person may change them. Throws as `readSettings`. */
export async function readSettingsView({ db, user }: UserContext): Promise<SettingsView> {
  const rows = await db.selectFrom("setting").selectAll().execute();
  const settings = settingsIn(rows);
  const mayChange = user.roles.includes("Platform.Admin");
  const changed = (group: SettingGroup) => {
    const row = rows.find(({ name }) => name === group);
    return row ? { at: row.updated_at.toISOString(), by: row.updated_by_name } : null;
  };
  return {
    settings: mayChange ? settings : { ...settings, webhook: redacted(settings.webhook) },
    changed: {
      decoys: changed("decoys"),
      deployments: changed("deployments"),
      newVaults: changed("newVaults"),
      webhook: changed("webhook"),
      drills: changed("drills"),
      recommendation: changed("recommendation"),
    },
    mayChange,
  };
}

/**
 * Replaces one group and records it with before and after. The same values again are no change and leave no row.
 *
 * @throws AppError `conflict` when somebody changed the group since the person read it
 */
export async function changeSettings(ctx: UserContext, change: SettingsChange): Promise<{ changed: boolean }> {
  const { db, user, now } = ctx;
  const { group, value, basedOn } = change;
  if (group === "webhook" && value.url !== null) {
    const problem = addressProblem(value.url, ctx.config.mode);
    if (problem !== undefined) throw new AppError("invalid", problem, { field: "value.url" });
  }
  if (group === "decoys") refuseTelling(value);
  return db.transaction().execute(async (transaction) => {
    // Also against two first changes at once, which no row could be locked for.
    await sql`lock table setting in share row exclusive mode`.execute(transaction);
    const rows = await transaction.selectFrom("setting").selectAll().where("name", "=", group).execute();
    if ((rows[0]?.updated_at.toISOString() ?? null) !== basedOn) {
      throw new AppError("conflict", `${rows[0]?.updated_by_name ?? "Somebody"} changed these settings meanwhile.`, {
        fix: "Look at what they are now, then make your change again.",
      });
    }
    const before = settingsIn(rows)[group];
    if (isDeepStrictEqual(before, value)) return { changed: false };
    const row = {
      value: JSON.stringify(value),
      updated_at: now(),
      updated_by_oid: user.oid,
      updated_by_name: user.name,
    };
    await transaction
      .insertInto("setting")
      .values({ name: group, ...row })
      .onConflict((conflict) => conflict.column("name").doUpdateSet(row))
      .execute();
    const entry = { by: user, action: "settings.change", before: told(group, before), after: told(group, value) };
    await writeAudit(transaction, { ...entry, result: "ok" }, row.updated_at);
    return { changed: true };
  });
}

/** No name with such a word is ever taken, so that vault after vault would be left without one. */
function refuseTelling(value: Settings["decoys"]): void {
  for (const field of ["keyKeywords", "secretKeywords"] as const) {
    const telling = value[field].find(saysDecoy);
    if (telling === undefined) continue;
    // Named, since it may be one of hundreds; the person has just typed it.
    throw new AppError(
      "invalid",
      `The keyword "${telling}" gives away what a honeytoken is, and no name with it would be taken.`,
      { field: `value.${field}`, fix: "Choose words that the vaults' own names could have." },
    );
  }
}

/** As the audit trail keeps it: analysts read and export that, and the path of a webhook's address is a credential. */
function told(group: SettingGroup, value: Settings[SettingGroup]): Record<string, unknown> {
  return { [group]: "url" in value ? redacted(value) : value };
}

function redacted(webhook: WebhookSettings): WebhookSettings {
  return { ...webhook, url: webhook.url === null ? null : originOf(webhook.url) };
}

type Row = Selectable<SettingTable>;

function settingsIn(rows: readonly Row[]): Settings {
  return {
    decoys: groupIn(rows, "decoys", SETTING_GROUPS.decoys),
    deployments: groupIn(rows, "deployments", SETTING_GROUPS.deployments),
    newVaults: groupIn(rows, "newVaults", SETTING_GROUPS.newVaults),
    webhook: groupIn(rows, "webhook", SETTING_GROUPS.webhook),
    drills: groupIn(rows, "drills", SETTING_GROUPS.drills),
    recommendation: groupIn(rows, "recommendation", SETTING_GROUPS.recommendation),
  };
}

function groupIn<T>(rows: readonly Row[], group: SettingGroup, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(rows.find(({ name }) => name === group)?.value ?? {});
  if (parsed.success) return parsed.data;
  throw new AppError(
    "unavailable",
    `The stored settings of the group ${group} are not understood.`,
    {
      fix: "They may come from a newer version of this product: run that one, or remove the row from the table setting.",
    },
    parsed.error,
  );
}
