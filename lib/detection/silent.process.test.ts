import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { queryLogs } from "@/lib/azure/logs";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { UNFILLED } from "./parameters";
import { type AuditCase, published, type RegisterCase, ruleOver, VAULT } from "./testing/golden";

/* Which vaults the rule about silence watches, by the rows that the register has of them. */

const HOUR = 3_600_000;
let tenant: TestTenant;

beforeAll(async () => {
  tenant = await startTenant("--vaults", "3", "--seed", "1");
});

afterAll(() => tenant?.stop());

const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR).toISOString();

/** A row whose window of half an hour began so many hours ago. */
const plantedBefore = (hours: number, State: string, change: RegisterCase = {}) =>
  published({ State, WindowStart: hoursAgo(hours), WindowEnd: hoursAgo(hours - 0.5), ...change });

/** The last row of the vault is older than the rule waits, and the heartbeat goes on elsewhere. */
const SILENCE: AuditCase[] = [
  { at: hoursAgo(26.5) },
  { at: hoursAgo(1), vault: VAULT.replace("kv-Shop", "kv-Other"), operation: "VaultGet", oid: UNFILLED.collector },
];

const Row = z.object({ VaultId: z.string(), Verdict: z.string(), Severity: z.string() });

function told(register: readonly RegisterCase[]) {
  const { collector } = tenant.service.azure;
  const kql = ruleOver(SILENCE, register, { file: "honeytoken-vault-silent", kind: "Scheduled" });
  return queryLogs(collector, tenant.service.config.workspace.customerId, { kql }, Row);
}

test.each<[string, RegisterCase]>([
  ["one that is live", plantedBefore(48, "live")],
  ["one of the older form", published({ State: "", WindowStart: "", WindowEnd: "" })],
  ["one of a large deployment, which stays as it was planted", plantedBefore(48, "planting")],
  ["the same in whatever letters", plantedBefore(48, " Planting ")],
])("a vault is watched for %s", async (_what, row) => {
  expect(await told([row])).toEqual([
    { VaultId: VAULT.toLowerCase(), Verdict: "rows have stopped", Severity: "Medium" },
  ]);
});

test.each<[string, RegisterCase]>([
  ["being planted right now", plantedBefore(48, "planting", { WindowEnd: hoursAgo(-0.5) })],
  ["never planted to the end, as far as its row says", plantedBefore(48, "planting", { WindowEnd: "" })],
  ["planted less than 26 hours ago by a large deployment", plantedBefore(25, "planting")],
  ["on its way out", plantedBefore(48, "retiring")],
  ["an exception", plantedBefore(48, "exception")],
])("a vault is not watched for one that is %s", async (_what, row) => {
  expect(await told([row])).toEqual([]);
});
