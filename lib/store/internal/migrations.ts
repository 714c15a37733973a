import "server-only";
import { type Kysely, type Migration, Migrator, sql } from "kysely";
import type { Database } from "../schema";
import { FIRST } from "./migrations/0001-first";
import { FLEET } from "./migrations/0002-fleet";
import { SETTINGS_AUDIT } from "./migrations/0003-settings-audit";
import { REGISTER } from "./migrations/0004-register";
import { WISHES } from "./migrations/0009-wishes";
import { WHOLE_DECOYS } from "./migrations/0020-whole-decoys";
import { TIME_BOUND_ROLES } from "./migrations/0021-time-bound-roles";
import { ALERT_EXCEPTIONS_NOTICES } from "./migrations/0022-alert-exceptions-notices";
import { DRILLS } from "./migrations/0023-drills";
import { INCIDENT_STEPS } from "./migrations/0025-incident-steps";
import { MISSED_TOUCHES } from "./migrations/0026-missed-touches";
import { HEARTBEAT } from "./migrations/0028-heartbeat";
import { REVIEW_TAG } from "./migrations/0029-review-tag";
import { SHARE_LINKS } from "./migrations/0030-share-links";
import { SET_UP } from "./migrations/0032-set-up";
import { PERMITTED_DRILLS } from "./migrations/0033-permitted-drills";
import { NEIGHBOURS } from "./migrations/0034-neighbours";
import { CLAIMS } from "./migrations/0035-claims";
import { CHOSEN_NAMES } from "./migrations/0036-chosen-names";
import { SILENCE_STEPS } from "./migrations/0037-silence-steps";

/*
 * Migrations in code, applied in the order of their names. They keep to what PostgreSQL 13 knows, and an applied one is
 * never changed: a later one mends it.
 */

const MIGRATIONS: Record<string, Migration> = {
  "0001-first": statements(FIRST),
  "0002-fleet": statements(FLEET),
  "0003-settings-audit": statements(SETTINGS_AUDIT),
  "0004-register": statements(REGISTER),
  "0009-wishes": statements(WISHES),
  "0020-whole-decoys": statements(WHOLE_DECOYS),
  "0021-time-bound-roles": statements(TIME_BOUND_ROLES),
  "0022-alert-exceptions-notices": statements(ALERT_EXCEPTIONS_NOTICES),
  "0023-drills": statements(DRILLS),
  "0025-incident-steps": statements(INCIDENT_STEPS),
  "0026-missed-touches": statements(MISSED_TOUCHES),
  "0028-heartbeat": statements(HEARTBEAT),
  "0029-review-tag": statements(REVIEW_TAG),
  "0030-share-links": statements(SHARE_LINKS),
  "0032-set-up": statements(SET_UP),
  "0033-permitted-drills": statements(PERMITTED_DRILLS),
  "0034-neighbours": statements(NEIGHBOURS),
  "0035-claims": statements(CLAIMS),
  "0036-chosen-names": statements(CHOSEN_NAMES),
  "0037-silence-steps": statements(SILENCE_STEPS),
};

function statements(text: string): Migration {
  return {
    up: async (db) => {
      // At the end of a line only: a function's body has semicolons of its own.
      for (const statement of text.split(/;\n/)) {
        if (statement.trim() !== "") await sql.raw(statement).execute(db);
      }
    },
  };
}

/** Brings the database to the newest form. Several processes may do it at once: the first one migrates, the rest wait. */
export async function migrate(db: Kysely<Database>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}
