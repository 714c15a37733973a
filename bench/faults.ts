import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import { VaultIdText } from "@/lib/azure/vault-id-schema.pure";
import type { FleetRequest } from "@/lib/deployments/fleet.pure";
import {
  carryOut,
  type FaultyFleet,
  planInPeace,
  startFaultyFleet,
  type Trouble,
} from "@/lib/deployments/testing/fault-fleet";
import {
  type Before,
  beforehand,
  type Judgement,
  judgePlanting,
  judgeRemoval,
  liveSince,
} from "@/lib/deployments/testing/fault-judge";
import { allFaults, neverMet, oneFault } from "@/lib/deployments/testing/fault-rules";
import { printTable } from "./table";

/** Consecutive faults at the first requests of each operation: more than the clients' own tries. */
const FIRST = 8;
/** Then one request in so many. */
const EVERY = 10;
/** Until a rule that saw the last row has raised its alarm. */
const ALARM_MS = 12_000;
const SIMULATOR = ["--delay-watchlist", "1000", "--delay-grant", "1000", "--delay-ingestion", "1000-2000"];
const ALL = "all";

interface Outcome extends Judgement {
  operation: Deployment["operation"];
  fault: string;
  injected: number;
  seconds: number;
}

type Deployed = Outcome & { doneIn: VaultId[] };

/**
 * `npm run bench -- faults [--vaults 500] [--fault NAME]... [--remove] [--minutes 20] [--seed 1] [--json]`: a deployment to every vault of a
 * tenant that is well, then one to the same vaults with all faults of the simulated tenant's own list (`all`), and one for
 * each of them. They befall every operation that the first deployment used. With `--remove` each is followed by one that is
 * well and removes all; faults befall that one instead. Fails when the vaults themselves are then not as they would be
 * without, and no reason says what to do, or when one has not ended in so many minutes.
 */
export async function faultsBench(args: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: {
      vaults: { type: "string", default: "500" },
      fault: { type: "string", multiple: true },
      remove: { type: "boolean", default: false },
      minutes: { type: "string", default: "20" },
      seed: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
    },
  });
  const vaults = Number(values.vaults);
  const patience = Number(values.minutes) * 60_000;
  const fleet = await startFaultyFleet(vaults, "--seed", values.seed, ...SIMULATOR);
  try {
    const list = await fleet.list();
    const known = [ALL, ...list.map(({ name }) => name)];
    const names = values.fault ?? known;
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined) throw new Error(`There is no fault ${unknown}; there are ${known.join(", ")}.`);
    const first = await beforehand(fleet);
    const peace = await deploy(fleet, first, { ...CALM, patience, operation: "plant", selection: { by: "all" } });
    // A vault of this world whose log never arrives says so after a long wait, with or without faults: once is enough.
    const selection = { by: "vaults" as const, vaultIds: peace.doneIn };
    const outcomes: Outcome[] = [peace];
    const operation = values.remove ? "retire" : "plant";
    if (values.remove) outcomes.push(await deploy(fleet, first, { ...CALM, patience, operation, selection }));
    const operations = await fleet.operations();
    for (const name of names) {
      if (values.remove)
        outcomes.push(await deploy(fleet, first, { ...CALM, patience, operation: "plant", selection }));
      const listed = list.find((one) => one.name === name);
      const trouble = listed
        ? oneFault(listed, operations, FIRST, EVERY)
        : allFaults(list, operations, peace.planned, EVERY);
      outcomes.push(await deploy(fleet, first, { fault: name, trouble, patience, operation, selection }));
    }
    print(outcomes);
    if (values.json) console.log(JSON.stringify({ vaults, faults: outcomes.map(countsOf) }));
    return outcomes.every(({ violations }) => violations.length === 0);
  } finally {
    await fleet.stop();
  }
}

interface Deployment {
  operation: "plant" | "retire";
  fault: string;
  trouble: Trouble;
  /** Milliseconds in which it has to end. */
  patience: number;
  selection: FleetRequest["selection"];
}

const CALM = { fault: "none", trouble: { rules: [] } };

/** @param first the tenant before anything was planted */
async function deploy(fleet: FaultyFleet, first: Before, asked: Deployment): Promise<Deployed> {
  const { operation, fault, trouble, patience, selection } = asked;
  const plan = await planInPeace(fleet, {
    operation,
    selection,
    ...(operation === "plant" && { addToExisting: true }),
  });
  const before = await beforehand(fleet);
  await fleet.resetOperations();
  await fleet.trouble(trouble);
  const carried = await carryOut(fleet, plan, patience);
  const made = await fleet.peace();
  await pause(ALARM_MS);
  const judgement =
    operation === "plant"
      ? await judgePlanting(fleet, before, carried)
      : await judgeRemoval(fleet, before, carried, liveSince(first, before));
  if (operation === "plant" && selection.by === "vaults" && judgement.planned !== selection.vaultIds.length)
    judgement.violations.push(`${judgement.planned} vaults planned instead of ${selection.vaultIds.length}`);
  const injected = made.reduce((sum, one) => sum + one.injected, 0);
  const violations = [...judgement.violations, ...neverMet(made).map((what) => `no fault at ${what}`)];
  const outcome = { ...judgement, violations, operation, fault, injected, seconds: Math.round(carried.seconds) };
  report(outcome);
  const done = carried.rows.filter(({ state }) => state === "done");
  return { ...outcome, doneIn: done.map(({ vaultId }) => VaultIdText.parse(vaultId)) };
}

function report({ operation, fault, planned, done, violations, reasons, seconds }: Outcome): void {
  const said = Object.entries(reasons).map(([reason, vaults]) => `  ${vaults} x ${reason}`);
  const wrong = violations.map((violation) => `  WRONG: ${violation}`);
  console.log([`${operation}, ${fault}: ${done} of ${planned} done, ${seconds} s`, ...said, ...wrong].join("\n"));
}

/** One fault in figures, for machines. */
function countsOf({ operation, fault, injected, planned, done, reasons, seconds, violations }: Outcome) {
  return {
    operation,
    fault,
    injected,
    planned,
    done,
    explained: sumOf(reasons),
    violations: violations.length,
    seconds,
  };
}

function sumOf(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function print(outcomes: readonly Outcome[]): void {
  printTable(
    ["operation", "fault", "injected", "planned", "done", "with a reason", "seconds", "violations"],
    outcomes.map(({ operation, fault, injected, planned, done, reasons, seconds, violations }) => [
      operation,
      fault,
      String(injected),
      String(planned),
      String(done),
      String(sumOf(reasons)),
      String(seconds),
      violations.join("; ") || "none",
    ]),
  );
}
