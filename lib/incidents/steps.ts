import "server-only";
import { type Kysely, sql } from "kysely";
import type { UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { writeAudit } from "@/lib/store/audit";
import type { Database } from "@/lib/store/schema";
import {
  type About,
  mayRecord,
  STEPS,
  type StepEvent,
  type StepInput,
  type StepName,
  type StepView,
  stepState,
} from "./containment.pure";
import { requireOurs } from "./internal/ours";

/** What to do about an incident (GUID): every step in its order, as this person (object id) sees it. */
export async function listSteps(
  db: Kysely<Database>,
  incident: string,
  about: About,
  oid: string,
): Promise<StepView[]> {
  const events = await eventsOf(db, incident);
  return STEPS[about].map((step) => {
    const own = events.get(step) ?? [];
    return { step, state: stepState(own), events: own, may: [...mayRecord(step, own, oid)] };
  });
}

/**
 * Records what a person did, asks for, agrees to or takes back, with an audit row.
 *
 * @throws AppError `not_found` for an incident that is not ours, `invalid` for a step of another kind of incident, `conflict`
 *   when the step stands where this cannot come next, for one: agreeing to what one asked for oneself
 */
export async function recordStep(ctx: UserContext, { id, step, act, note }: StepInput): Promise<{ id: string }> {
  const { about } = await requireOurs(ctx, id);
  if (!STEPS[about].some((one) => one === step)) throw otherStep();
  const { db, user, now } = ctx;
  const at = now();
  const incident = id.toLowerCase();
  await db.transaction().execute(async (transaction) => {
    // Two people at once would otherwise both find it open.
    await sql`lock table incident_step in share row exclusive mode`.execute(transaction);
    const events = (await eventsOf(transaction, incident)).get(step) ?? [];
    if (!mayRecord(step, events, user.oid).includes(act)) throw notNow(events, user.oid, act);
    const row = { incident, step, act, note, by_oid: user.oid, by_name: user.name, at };
    await transaction.insertInto("incident_step").values(row).execute();
    // Without the note: it may name a honeytoken.
    const before = { incident, step, state: stepState(events) };
    const after = { incident, step, state: stepState([...events, { act }]) };
    await writeAudit(transaction, { by: user, action: `incident.step.${act}`, before, after, result: "ok" }, at);
  });
  return { id };
}

function otherStep(): AppError {
  return new AppError("invalid", "This step is not one of those of this incident.", {
    field: "step",
    fix: "Reload the incident and look again.",
  });
}

function notNow(events: readonly StepEvent[], oid: string, act: StepInput["act"]): AppError {
  const own = events.at(-1)?.oid === oid && (act === "approve" || act === "refuse");
  if (own && stepState(events) === "waiting") {
    return new AppError("conflict", "You asked for this yourself, so somebody else has to agree to it.", {
      fix: "Ask a colleague to open this incident.",
    });
  }
  return new AppError("conflict", "This step stands elsewhere by now, so this cannot be recorded.", {
    fix: "Reload the incident and look again.",
  });
}

async function eventsOf(db: Kysely<Database>, incident: string): Promise<Map<StepName, StepEvent[]>> {
  const rows = await db
    .selectFrom("incident_step")
    .selectAll()
    .where("incident", "=", incident.toLowerCase())
    .orderBy("id")
    .execute();
  const events = new Map<StepName, StepEvent[]>();
  for (const { step, act, by_oid, by_name, at, note } of rows) {
    const event = { act, oid: by_oid, by: by_name, at: at.toISOString(), note };
    events.set(step, [...(events.get(step) ?? []), event]);
  }
  return events;
}
