import { expect, test } from "vitest";
import { assign, type RecordedDrill, type Touch } from "./evidence.pure";

const AT = new Date("2026-11-30T08:00:00.000Z");

const drillOf = (index: number): RecordedDrill => ({
  id: `d${index}`,
  identityOid: "o",
  tokenKey: `key-${index}`,
  kind: "secret",
  read: "denied",
  intendedAt: AT,
  answeredAt: AT,
  status: 403,
  requestId: `r${index}`,
});

/** A row whose object is looked at through `seen`. */
const touchOf = (index: number, seen: () => void): Touch => ({
  at: AT,
  ingested: AT,
  table: "AZKVAuditLogs",
  operation: "SecretGet",
  get tokenKey() {
    seen();
    return `key-${index}`;
  },
  requestId: `r${index}`,
  status: 403,
  addressAllowed: true,
  address: undefined,
});

test("a row is compared with the drills of its own object only: the work grows with the rows, not with rows times drills", () => {
  const looksOf = (count: number) => {
    let looks = 0;
    const indexes = Array.from({ length: count }, (_, index) => index);
    const touches = indexes.map((index) => touchOf(index, () => looks++));
    expect(assign(touches, indexes.map(drillOf)).owners.size).toBe(count);
    return looks / count;
  };
  expect(looksOf(200)).toBe(looksOf(20));
});
