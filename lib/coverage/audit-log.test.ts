import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { permits } from "@/lib/azure/permits.pure";
import { parseVaultId } from "@/lib/azure/resource-id.pure";
import type { Config } from "@/lib/config";
import type { UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import type { Store } from "@/lib/store/open";
import { TEST_TENANT, temporaryStore } from "@/lib/store/testing/stores";
import { enableAuditLog } from "./audit-log";

const WORKSPACE =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/sec/providers/Microsoft.OperationalInsights/workspaces/law";
const VAULT =
  parseVaultId(
    "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-one",
  ) ?? expect.fail("not a vault id");

const soon = vi.hoisted(() => vi.fn());
vi.mock("./internal/vault-inventory", () => ({ visibleVault: async () => ({ vault: { id: VAULT }, mine: true }) }));
const refusal = vi.hoisted(() => vi.fn(async (): Promise<string | undefined> => undefined));
vi.mock("./internal/rights-at", () => ({ mayNotLog: refusal }));
vi.mock("./collector", () => ({
  collectVault: async () => {
    throw new AppError("throttled", "Azure asks to slow down.");
  },
  collectSoon: soon,
}));
vi.mock("@/lib/log", () => ({ log: { warn: () => {} } }));
vi.mock("@/lib/azure/diagnostics", () => ({
  listDiagnosticSettings: async () => [],
  putAuditSetting: async () => ({ name: "audit-to-law" }),
}));

let store: Store;
beforeAll(async () => {
  store = await temporaryStore();
}, 60_000);
afterAll(() => store.close());

const person = (): UserContext =>
  ({
    // the parts of a context that this action reads
    config: { workspace: { resourceId: WORKSPACE } } as Config,
    db: store.db,
    now: () => new Date("2026-11-22T10:00:00Z"),
    user: { tid: TEST_TENANT, oid: "o", name: "Kim", upn: undefined, roles: [] },
  }) as unknown as UserContext;

test("what was switched on is not called a failure because reading it back failed", async () => {
  const kim = person();
  expect(await enableAuditLog(kim, VAULT)).toEqual({ setting: "audit-to-law" });
  expect(soon).toHaveBeenCalledWith(kim, [VAULT]);
  const audit = await store.db.selectFrom("audit").select(["action", "result"]).execute();
  expect(audit).toEqual([{ action: "audit_log.enable", result: "ok" }]);
});

test("who lacks the right is told what is enough, and that reads nothing in the workspace", async () => {
  refusal.mockResolvedValueOnce("You may not.");
  const refused = await enableAuditLog(person(), VAULT).catch((error: unknown) => error);
  const fix = refused instanceof AppError ? (refused.failure.fix ?? "") : "";
  const permission = {
    actions: fix.match(/Microsoft\.[\w/]+/g) ?? [],
    notActions: [],
    dataActions: [],
    notDataActions: [],
  };
  const allows = (action: string) => permits([permission], action, "control");
  expect(allows("Microsoft.OperationalInsights/workspaces/sharedKeys/action")).toBe(true);
  for (const reads of ["OperationalInsights/workspaces/query/read", "SecurityInsights/Watchlists/read"])
    expect(allows(`Microsoft.${reads}`)).toBe(false);
  expect(fix).toContain("a custom role");
});
