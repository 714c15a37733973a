import { z } from "zod";
import { type Estate, estateOf, leftoversOf } from "./estate";
import type { Carried, FaultyFleet } from "./fault-fleet";

/** What came of a deployment to a faulty tenant. */
export interface Judgement {
  /** Vaults that the plan meant to do something in. */
  planned: number;
  /** Of those: ended as they should. */
  done: number;
  /** Ended otherwise, by the reason that the product gives. */
  reasons: Record<string, number>;
  /** What must not be; empty = all is well. */
  violations: string[];
}

/** The tenant before a deployment. */
export interface Before extends Estate {
  alarms: number;
}

type Row = Carried["rows"][number];

const ENDED_OTHERWISE = ["failed", "needs_person", "cancelled"];
/** What happened, then what to do: two sentences at least. */
const SENTENCES = /^[A-Z].*[.:] .*\.$/s;

export async function beforehand(fleet: FaultyFleet): Promise<Before> {
  return { ...(await estateOf(fleet.tenant)), alarms: await alarmsIn(fleet) };
}

/** Compares the tenant itself before and after a planting with what the product says of it. */
export async function judgePlanting(fleet: FaultyFleet, before: Before, carried: Carried): Promise<Judgement> {
  const after = await estateOf(fleet.tenant);
  const left = leftoversOf(before, after, Number.POSITIVE_INFINITY);
  const { planned, done, otherwise } = endingsOf(carried);
  const fresh = countByVault(freshObjects(before, after));
  const has = (row: Row) => fresh.get(row.vaultId.toLowerCase()) ?? 0;
  const plannedIn = new Set(planned.map(({ vaultId }) => vaultId.toLowerCase()));
  const violations = [
    ...commonViolations(carried),
    ...counted(done.filter((row) => has(row) !== row.count).length, "done, with another number of honeytokens"),
    ...counted(otherwise.filter((row) => has(row) > row.count).length, "with more honeytokens than planned"),
    ...counted(otherwise.filter((row) => row.state === "failed" && has(row) > 0).length, "failed with a honeytoken"),
    ...counted([...fresh.keys()].filter((id) => !plannedIn.has(id)).length, "with a honeytoken that was not planned"),
    ...counted(left.duplicated, "honeytokens with more than one version"),
    ...counted(left.versioned, "real objects changed"),
    ...counted(left.grantsLeft, "rights left behind"),
    ...counted(left.unregistered, "honeytokens that the register does not know"),
    ...counted(silentRows(before, after, otherwise), "register rows without a honeytoken, and no word about it"),
    ...counted((await alarmsIn(fleet)) - before.alarms, "alarms about our own work"),
    ...(await leaks(fleet, carried)),
  ];
  return { planned: planned.length, done: done.length, reasons: reasonsOf(otherwise), violations };
}

/** The same for a removal: each honeytoken that was there before is deleted and marked, or live and not. */
export async function judgeRemoval(
  fleet: FaultyFleet,
  before: Before,
  carried: Carried,
  honeytokens: ReadonlySet<string>,
): Promise<Judgement> {
  const after = await estateOf(fleet.tenant);
  const { planned, done, otherwise } = endingsOf(carried);
  const doneIn = new Set(done.map(({ vaultId }) => vaultId.toLowerCase()));
  const toPeople = new Set(otherwise.filter(needsPerson).map(({ vaultId }) => vaultId.toLowerCase()));
  const marks = new Map(after.rows.map((row) => [row.fields.TokenKey ?? "", row.fields.State]));
  const ours = after.objects.filter((object) => honeytokens.has(keyOf(object)));
  const half = ours.filter((object) => {
    const marked = marks.get(keyOf(object)) === "retiring";
    return marked !== (object.deletedAt !== undefined) && !toPeople.has(object.vaultId.toLowerCase());
  });
  const left = leftoversOf(before, after, Number.POSITIVE_INFINITY);
  const others = (estate: Estate) =>
    estate.objects.filter((object) => object.deletedAt !== undefined && !honeytokens.has(keyOf(object))).length;
  const kept = ours.filter((object) => object.deletedAt === undefined && doneIn.has(object.vaultId.toLowerCase()));
  const violations = [
    ...commonViolations(carried),
    ...counted(kept.length, "honeytokens left in a vault that is done"),
    ...counted(half.length, "honeytokens marked and not deleted, or deleted and not marked"),
    ...counted(others(after) - others(before), "other objects deleted"),
    ...counted(left.versioned, "real objects changed"),
    ...counted(left.grantsLeft, "rights left behind"),
    ...counted((await alarmsIn(fleet)) - before.alarms, "alarms about our own work"),
    ...(await leaks(fleet, carried)),
  ];
  return { planned: planned.length, done: done.length, reasons: reasonsOf(otherwise), violations };
}

/**
 * Compares a plan that was made in trouble with one made in peace: what could not be found out may forbid, with a reason,
 * and never allows.
 */
export function judgePlan(calm: readonly Row[], troubled: readonly Row[]): string[] {
  const before = new Map(calm.map((row) => [row.vaultId.toLowerCase(), row]));
  const was = (row: Row) => before.get(row.vaultId.toLowerCase());
  const isAsBefore = (row: Row) => row.state === was(row)?.state && row.count === was(row)?.count;
  const others = troubled.filter((row) => !isAsBefore(row));
  const forbidden = others.filter(({ state }) => state === "blocked");
  return [
    ...counted(calm.length - troubled.filter(was).length, "vaults that the plan says nothing of"),
    ...counted(others.length - forbidden.length, "vaults of which the plan says more than without faults"),
    ...counted(forbidden.filter(({ reason }) => !SENTENCES.test(reason)).length, "forbidden without a reason"),
  ];
}

/** Keys of what was written since `first` and is live and not marked. */
export function liveSince(first: Estate, now: Estate): Set<string> {
  const marked = new Set(
    now.rows.flatMap(({ fields }) => (fields.State === "retiring" ? [fields.TokenKey ?? ""] : [])),
  );
  const live = freshObjects(first, now).filter((object) => object.deletedAt === undefined);
  return new Set(live.map(keyOf).filter((key) => !marked.has(key)));
}

function endingsOf({ rows }: Carried): { planned: Row[]; done: Row[]; otherwise: Row[] } {
  const planned = rows.filter(({ state }) => !["planned", "blocked", "skipped"].includes(state));
  const done = planned.filter(({ state }) => state === "done");
  return { planned, done, otherwise: planned.filter(({ state }) => ENDED_OTHERWISE.includes(state)) };
}

const needsPerson = (row: Row) => row.state === "needs_person";

function commonViolations(carried: Carried): string[] {
  const { planned, done, otherwise } = endingsOf(carried);
  return [
    ...counted(planned.length - done.length - otherwise.length, "that did not end"),
    ...counted(otherwise.filter(({ reason }) => !SENTENCES.test(reason)).length, "without a reason and what to do"),
  ];
}

function counted(count: number, what: string): string[] {
  return count > 0 ? [`${count} ${what}`] : [];
}

function reasonsOf(rows: readonly Row[]): Record<string, number> {
  const reasons: Record<string, number> = {};
  for (const { state, reason } of rows) {
    const said = `${state}: ${reason}`;
    reasons[said] = (reasons[said] ?? 0) + 1;
  }
  return reasons;
}

const keyOf = (object: Estate["objects"][number]) => `${object.vaultId}/${object.kind}s/${object.name}`.toLowerCase();

function freshObjects(before: Estate, after: Estate): Estate["objects"] {
  const known = new Set(before.objects.map(keyOf));
  return after.objects.filter((object) => !known.has(keyOf(object)));
}

function countByVault(objects: Estate["objects"]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { vaultId } of objects) counts.set(vaultId.toLowerCase(), (counts.get(vaultId.toLowerCase()) ?? 0) + 1);
  return counts;
}

/** What may exist stays watched, and its vault is given to a person with the reason; any other row has to name an object. */
function silentRows(before: Estate, after: Estate, otherwise: readonly Row[]): number {
  const old = new Set(before.rows.map((row) => row.fields.TokenKey ?? ""));
  const objects = new Set(after.objects.map(keyOf));
  const toPeople = otherwise.filter(needsPerson).map(({ vaultId }) => `${vaultId.toLowerCase()}/`);
  const keys = after.rows.map((row) => row.fields.TokenKey ?? "");
  const empty = keys.filter((key) => !old.has(key) && !objects.has(key));
  return empty.filter((key) => !toPeople.some((vault) => key.startsWith(vault))).length;
}

const Incident = z.looseObject({ title: z.string().optional() });

async function alarmsIn({ tenant }: FaultyFleet): Promise<number> {
  const incidents = await tenant.collection("incidents", Incident);
  return incidents.filter(({ title }) => title?.startsWith("Honeytoken touched")).length;
}

/** Values anywhere in the store, and names in what an owner is told. */
async function leaks({ tenant, values }: FaultyFleet, { rows, view }: Carried): Promise<string[]> {
  const { db } = tenant.service;
  const steps = await db.selectFrom("deployment_step").select(["detail", "data"]).execute();
  const audits = await db.selectFrom("audit").selectAll().execute();
  const decoys = await db.selectFrom("decoy").selectAll().execute();
  const told = [...rows.map(({ reason }) => reason), view.problem ?? "", ...steps.map(({ detail }) => detail)];
  const kept = JSON.stringify([told, steps, audits, decoys]);
  const words = new Set(told.flatMap((text) => text.toLowerCase().split(/[^a-z0-9-]+/)));
  return [
    ...counted([...values].filter((value) => kept.includes(value)).length, "secret values in the store"),
    ...counted(
      decoys.filter(({ name }) => words.has(name.toLowerCase())).length,
      "names of honeytokens told to an owner",
    ),
  ];
}
