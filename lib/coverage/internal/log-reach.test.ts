import { expect, test } from "vitest";
import { logReach } from "./log-reach";

const DAY = 24 * 60 * 60 * 1000;
const table = (name: string, retentionInDays?: number) => ({ name, retentionInDays });
const reach = (...data: ReturnType<typeof table>[]) => logReach({ ok: true, data, readAt: new Date() }) / DAY;

test("the log is asked about as far back as the shorter of its tables keeps rows, and no farther than queries go", () => {
  expect(reach(table("AzureDiagnostics", 90), table("AZKVAuditLogs", 30), table("SigninLogs", 7))).toBe(28);
  expect(reach(table("AzureDiagnostics", 730))).toBe(85);
  expect(reach(table("AzureDiagnostics"))).toBe(85);
  expect(logReach({ ok: false, noAccess: true, sentence: "Refused." }) / DAY).toBe(85);
});
