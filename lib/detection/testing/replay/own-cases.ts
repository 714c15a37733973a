import type { ReplayCase } from "./cases";
import { type Decoy, publishedRow, type RegisterRow } from "./decoys";
import { AUDIT_TABLES, type ReplayRow, rowOf } from "./rows";

const MINUTE = 60_000;
/** Addresses of this file; no other case has them. */
const NETWORK = "198.19.0.";

const PLANTING = {
  secret: [["SecretSet", "/secrets/{}"]],
  key: [
    ["KeyCreate", "/keys/{}/create"],
    ["KeyResourcePut", "/keys/{}"],
  ],
  certificate: [["CertificateCreate", "/certificates/{}/create"]],
} as const;
const RETIRING = {
  secret: ["SecretDelete", "/secrets/{}"],
  key: ["KeyDelete", "/keys/{}"],
  certificate: ["CertificateDelete", "/certificates/{}"],
} as const;
/** What a check of a vault asks for: collections, never an object. */
const CHECKS = [
  ["SecretList", "/secrets"],
  ["KeyList", "/keys"],
  ["CertificateList", "/certificates"],
] as const;
const READING = {
  secret: ["SecretGet", "/secrets/{}/"],
  key: ["KeyGet", "/keys/{}/"],
  certificate: ["CertificateGet", "/certificates/{}/"],
} as const;

/**
 * Our own planting, checking and retiring of decoys between `start` and `start` + 30 minutes, which must raise nothing,
 * and a read by the same planter in the same window, which must. With the register's rows as they are meanwhile.
 */
export function ownCases(
  { planted, retired, read }: Record<"planted" | "retired" | "read", readonly Decoy[]>,
  start: number,
  planterOid: string,
): { cases: ReplayCase[]; register: RegisterRow[] } {
  const window = { planterOid, from: start, until: start + 30 * MINUTE };
  const cases: ReplayCase[] = [];
  const add = (decoy: Decoy, [operation, path]: readonly [string, string], expected: ReplayCase["expected"]) => {
    for (const table of AUDIT_TABLES) {
      const address = `${NETWORK}${1 + cases.length}`;
      const at = start + MINUTE + (cases.length % 25) * MINUTE;
      const call = { table, decoy, operation, status: 200, path, spelling: "plain", oid: planterOid, address } as const;
      const throughArm = operation === "KeyResourcePut" ? ({ throughArm: true } as const) : {};
      const rows: ReplayRow[] = [1, 9, 25].map((late) => rowOf({ ...call, ...throughArm, at, late: late * MINUTE }));
      cases.push({ title: `our own ${operation} in ${table}`, expected, decoy, table, lateMinutes: 25, address, rows });
    }
  };
  for (const decoy of planted) {
    for (const operation of PLANTING[decoy.kind]) add(decoy, operation, "nothing");
    for (const check of CHECKS) add(decoy, check, "nothing");
  }
  for (const decoy of retired) add(decoy, RETIRING[decoy.kind], "nothing");
  for (const decoy of read) add(decoy, READING[decoy.kind], "High");
  return {
    cases,
    register: [
      ...planted.map((decoy) => publishedRow(decoy, { state: "planting", ...window })),
      ...retired.map((decoy) => publishedRow(decoy, { state: "retiring", ...window })),
      ...read.map((decoy) => publishedRow(decoy, { state: "live", ...window })),
    ],
  };
}
