import { pick, type Random } from "@/lib/decoys/random";
import type { Decoy } from "./decoys";
import { EXPECTATIONS, type Expectation, type Outcome } from "./expectations";
import { AUDIT_TABLES, type AuditTable, type ReplayRow, rowOf, SPELLINGS, type Spelling } from "./rows";

const MINUTE = 60_000;

/** Minutes from an operation to its row. */
const LATENESS = [1, 4, 9, 25] as const;
/** Cases follow each other by so much on average: about six a minute, a fifth of the alerts that one run may raise. */
const PACE_MS = 10_000;

/** One thing that happens to a decoy, with what must come of it. Nobody else has its address. */
export interface ReplayCase {
  title: string;
  expected: Outcome;
  decoy: Decoy;
  table: AuditTable;
  lateMinutes: number;
  /** Of the caller; no other case has it. */
  address: string;
  rows: ReplayRow[];
}

/**
 * Every operation × table × answer × lateness, in an order drawn by `random`, from `start` on. Every seventh row comes
 * twice, every fifth case holds a later operation whose row is there first.
 *
 * @param decoys At least one of each kind.
 */
export function touchCases(decoys: readonly Decoy[], start: number, random: Random): ReplayCase[] {
  const wanted = EXPECTATIONS.flatMap((expectation) =>
    AUDIT_TABLES.flatMap((table) =>
      [true, false].flatMap((allowed) => LATENESS.map((late) => ({ expectation, table, allowed, late }))),
    ),
  );
  return shuffled(wanted, random).map(({ expectation, table, allowed, late }, place) => {
    const decoy = pick(
      decoys.filter(({ kind }) => kind === expectation.kind),
      random,
    );
    const spelling = pick(SPELLINGS, random);
    const at = start + place * PACE_MS + Math.floor(random() * MINUTE);
    return caseOf({ expectation, table, allowed, late, decoy, spelling, at, place });
  });
}

/** When the last of so many cases has arrived, milliseconds after their start. */
export function lengthOf(cases: readonly ReplayCase[]): number {
  return cases.length * PACE_MS + MINUTE + Math.max(...LATENESS) * MINUTE;
}

interface Wanted {
  expectation: Expectation;
  table: AuditTable;
  allowed: boolean;
  late: number;
  decoy: Decoy;
  spelling: Spelling;
  at: number;
  place: number;
}

function caseOf({ expectation, table, allowed, late, decoy, spelling, at, place }: Wanted): ReplayCase {
  const { operation, path, throughArm } = expectation;
  const status = allowed ? 200 : operation === "Authentication" ? 401 : 403;
  const address = addressOf(place);
  const call = { table, decoy, operation, status, path, ...(throughArm && { throughArm }), spelling, address };
  const row = (after: number, lateMs: number) => rowOf({ ...call, oid: callerOf(place), at: at + after, late: lateMs });
  const first = row(0, late * MINUTE);
  return {
    title: `${operation} answered ${status} in ${table}, ${late} minutes late, ${spelling}`,
    expected: allowed ? expectation.allowed : expectation.denied,
    decoy,
    table,
    lateMinutes: late,
    address,
    rows: [
      first,
      ...(place % 7 === 0 ? [first] : []),
      // It happened later and its row is there first.
      ...(place % 5 === 0 ? [row(20_000, late * MINUTE - 40_000)] : []),
    ],
  };
}

/** One caller, at `address`, one operation on each of these decoys, all of them within a minute; all rows arrive together. */
export function burstCases(decoys: readonly Decoy[], start: number, address: string): ReplayCase[] {
  const path = { secret: "/secrets/{}/", key: "/keys/{}/", certificate: "/certificates/{}/" };
  const operation = { secret: "SecretGet", key: "KeyGet", certificate: "CertificateGet" };
  return decoys.map((decoy, place) => {
    const table = AUDIT_TABLES[place % 2] ?? "AzureDiagnostics";
    const at = start + Math.floor((place * 59_000) / decoys.length);
    const row = rowOf({
      table,
      decoy,
      operation: operation[decoy.kind],
      status: 200,
      path: path[decoy.kind],
      spelling: "plain",
      oid: `b0000000-0000-4000-8000-${address.replaceAll(".", "").padStart(12, "0")}`,
      address,
      at,
      late: start + 5 * MINUTE - at,
    });
    // An alert has the severity of the worst touch of its caller in the vault.
    return {
      title: `decoy ${place} of a burst`,
      expected: "High",
      decoy,
      table,
      lateMinutes: 4,
      address,
      rows: [row],
    };
  });
}

/** 198.18.0.0/15 belongs to benchmarks (RFC 2544): no row of the world has such an address. */
function addressOf(place: number): string {
  return `198.18.${Math.floor(place / 250)}.${1 + (place % 250)}`;
}

function callerOf(place: number): string {
  return `c0000000-0000-4000-8000-${place.toString(16).padStart(12, "0")}`;
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
