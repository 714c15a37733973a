import "server-only";
import type { Kysely } from "kysely";
import { z } from "zod";
import { queryLogs } from "@/lib/azure/logs";
import { parseVaultId, vaultIdParts } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import type { BoardRow } from "@/lib/coverage/board.pure";
import { readWholeFleet } from "@/lib/coverage/fleet";
import { ruleParameters } from "@/lib/detection/parameters";
import { ruleBodies, ruleIdsAboutAccess } from "@/lib/detection/rule-export";
import { AppError } from "@/lib/errors";
import { readKql, withoutComments } from "@/lib/kql-files";
import { log } from "@/lib/log";
import { isAmong } from "@/lib/store/among";
import type { Database } from "@/lib/store/schema";
import { announce, sendSoon } from "./announce";
import { isToldToOwners, ROWS_PER_STATEMENT, TOUCH_TOLD_MS, tell } from "./notices";
import { isGraver } from "./webhook.pure";

const MINUTE_MS = 60_000;
/** Rows of the log come late: each look goes so far back again, and what was told is known. */
const OVERLAP_MS = 60 * MINUTE_MS;
/** An incident without a vault is told all the same when its alerts have not come by then. */
const ALERTS_WITHIN_MS = 10 * MINUTE_MS;
const KEPT_MS = 30 * 24 * 60 * MINUTE_MS;
/** Vaults that one message lists; the rest is a number. */
const LISTED = 20;

const Incident = z.object({
  Incident: z.string(),
  Vaults: z.array(z.string()),
  /** Those at whose contents somebody was; about the others something else is told. */
  TouchedVaults: z.array(z.string()),
  Callers: z.array(z.string()),
  Rules: z.string(),
  Severity: z.string(),
  Created: z.string().transform((text) => new Date(text)),
});
type Incident = z.infer<typeof Incident>;

/**
 * Looks once: incidents of our rules that are new or have grown worse go to the webhook and to the owners of their vaults,
 * and so do vaults that turned red. One log query, and the board's own bulk calls for the vaults, which may be left out. A failure is kept for
 * the settings page.
 */
export async function look(service: ServiceContext, { vaults = true } = {}): Promise<void> {
  const { db, now } = service;
  const problems: string[] = [];
  for (const part of vaults ? [lookForIncidents, lookAtVaults] : [lookForIncidents]) {
    try {
      await part(service);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      log.warn({ err: error }, "notices could not be looked for");
      problems.push(error.failure.message);
    }
  }
  const state = { looked_at: now(), problem: problems.length > 0 ? problems.join(" ") : null };
  await db
    .insertInto("notice_state")
    .values({ incidents_from: now(), ...state })
    .onConflict((conflict) => conflict.column("id").doUpdateSet(state))
    .execute();
  await sendSoon(service);
}

/** The first look only notes from when on: what was there before the product is not news. */
async function lookForIncidents(service: ServiceContext): Promise<void> {
  const { db, azure, config, now } = service;
  const state = await db.selectFrom("notice_state").select("incidents_from").executeTakeFirst();
  if (!state?.incidents_from) return;
  const titles = ruleTitles(config);
  const since = new Date(Math.max(state.incidents_from.getTime(), now().getTime() - KEPT_MS));
  const found = await queryLogs(
    azure.collector,
    config.workspace.customerId,
    {
      kql: withoutComments(readKql("lib/notices/queries/new-incidents.kql")),
      parameters: { ruleIds: [...titles.keys()], accessRuleIds: ruleIdsAboutAccess(), since },
      timespan: "P31D",
    },
    Incident,
  );
  const decided = new Map(
    (await db.selectFrom("announced_incident").selectAll().execute()).map((one) => [one.incident, one]),
  );
  const drill = config.identities.drill.objectId.toLowerCase();
  let complete = true;
  for (const incident of found) {
    const before = decided.get(incident.Incident);
    const next = decide(incident, before, drill);
    const young = now().getTime() - incident.Created.getTime() < ALERTS_WITHIN_MS;
    if (!before && incident.Created < since) await note(db, incident, next, now());
    else if (!before && incident.Vaults.length === 0 && young) complete = false;
    else if (!before || isNews(before, next)) await tellIncident(service, incident, next, before, titles);
  }
  if (!complete) return;
  // Never beyond what may still come late, and never back.
  const from = new Date(Math.max(state.incidents_from.getTime(), now().getTime() - OVERLAP_MS));
  await db.updateTable("notice_state").set({ incidents_from: from }).execute();
  await db
    .deleteFrom("announced_incident")
    .where("at", "<", new Date(now().getTime() - 2 * KEPT_MS))
    .execute();
}

interface Decision {
  severity: string;
  kept_back: boolean;
}

/**
 * A drill's own incident is no news; what else its identity does counts as High. Where the callers are not known by now, it
 * stays as it was decided.
 */
function decide({ Callers, Severity }: Incident, before: Decision | undefined, drill: string): Decision {
  const ofDrill = Callers.length > 0 ? Callers.every((caller) => caller === drill) : (before?.kept_back ?? false);
  // Of what was kept back nothing was told yet, so any severity of it is news.
  const graver = !before || before.kept_back || isGraver(Severity, before.severity);
  return { severity: graver ? Severity : before.severity, kept_back: ofDrill && Severity !== "High" };
}

/** Graver than it was, or no longer only a drill's. */
function isNews(before: Decision, { severity, kept_back }: Decision): boolean {
  return !kept_back && (before.kept_back || isGraver(severity, before.severity));
}

async function note(db: Kysely<Database>, { Incident: incident }: Incident, next: Decision, at: Date): Promise<void> {
  await db
    .insertInto("announced_incident")
    .values({ incident, ...next, at })
    .onConflict((conflict) => conflict.column("incident").doUpdateSet({ ...next, at }))
    .execute();
}

async function tellIncident(
  service: ServiceContext,
  incident: Incident,
  next: Decision,
  before: Decision | undefined,
  titles: ReadonlyMap<string, string>,
): Promise<void> {
  const { db, config, now } = service;
  const { Incident: id, Severity: severity, Rules: rules } = incident;
  const vaults = vaultIds(incident.Vaults);
  await db.transaction().execute(async (transaction) => {
    await note(transaction, incident, next, now());
    if (next.kept_back) return;
    const title = [...titles].find(([rule]) => rules.includes(rule))?.[1] ?? "Honeytoken touched";
    const where = vaults.map((vault) => vaultIdParts(vault).name).join(", ");
    await announce(service, transaction, `incident:${id}:${severity}`, {
      event: "incident.new",
      // The workspace's own title may hold what the caller calls itself.
      incident: {
        id,
        title: where === "" ? title : `${title}: ${where}`,
        severity,
        vaults,
        url: `${config.origin}/incidents/${encodeURIComponent(id)}`,
      },
    });
    if (!isToldToOwners(severity)) return;
    // A setting that somebody changed, or a log that has stopped, is no touch: owners hear of it when their vault turns red.
    // What grew worse is told again to whoever has dismissed it.
    await tell(transaction, "touched", vaultIds(incident.TouchedVaults), before ? now() : incident.Created);
  });
}

function vaultIds(texts: readonly string[]) {
  return texts.flatMap((text) => parseVaultId(text) ?? []);
}

/** Titles of our rules by their id in the workspace, lower case. */
function ruleTitles(config: ServiceContext["config"]): Map<string, string> {
  return new Map(
    ruleBodies(ruleParameters(config)).map(({ name, properties }) => [
      name.toLowerCase(),
      z
        .string()
        .parse(properties.displayName)
        .replace(/ \(scheduled\)$/, ""),
    ]),
  );
}

/**
 * Compares each vault with how it stood when it was last known for sure. Unknown and waiting decide nothing: a source
 * that fails for an hour turns no vault red.
 */
async function lookAtVaults(service: ServiceContext): Promise<void> {
  const { db, config, now } = service;
  const { rows } = await readWholeFleet(service);
  const before = new Map(
    (await db.selectFrom("vault_watch").selectAll().execute()).map((one) => [one.vault_id, one.state]),
  );
  const changed = rows.filter(({ id, state }) => isSure(state) && before.get(id) !== state);
  const at = now();
  if (changed.length > 0) {
    await db.transaction().execute(async (transaction) => {
      await remember(transaction, changed, at);
      const red = changed.filter(({ id, state }) => state === "unprotected" && before.get(id) === "protected");
      await tell(
        transaction,
        "turned_red",
        red.map(({ id }) => id),
        at,
      );
      const well = changed.flatMap(({ id, state }) => (state === "unprotected" ? [] : [id]));
      await transaction
        .updateTable("notice")
        .set({ cleared_at: at })
        .where("kind", "=", "turned_red")
        .where("cleared_at", "is", null)
        .where(isAmong("vault_id", well))
        .execute();
      if (red.length === 0) return;
      await announce(service, transaction, `red:${at.toISOString()}`, {
        event: "vault.turned_red",
        vaults: red.slice(0, LISTED).map(({ id, reason }) => ({ id, reason: String(reason ?? "") })),
        total: red.length,
        url: `${config.origin}/vaults?state=unprotected`,
      });
    });
  }
  await db
    .updateTable("notice")
    .set({ cleared_at: at })
    .where("kind", "=", "touched")
    .where("cleared_at", "is", null)
    .where("at", "<", new Date(at.getTime() - TOUCH_TOLD_MS))
    .execute();
}

/** Many rows a statement: the embedded store has one session, and everybody waits for it. */
async function remember(
  db: Kysely<Database>,
  rows: readonly Pick<BoardRow, "id" | "state">[],
  at: Date,
): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    const batch = rows.slice(start, start + ROWS_PER_STATEMENT);
    await db
      .insertInto("vault_watch")
      .values(batch.map(({ id, state }) => ({ vault_id: id, state, since: at })))
      .onConflict((conflict) =>
        conflict.column("vault_id").doUpdateSet((excluded) => ({ state: excluded.ref("excluded.state"), since: at })),
      )
      .execute();
  }
}

function isSure(state: string): boolean {
  return state === "protected" || state === "unprotected" || state === "exempt";
}
