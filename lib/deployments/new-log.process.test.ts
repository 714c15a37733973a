import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { VaultIdText } from "@/lib/azure/vault-id-schema.pure";
import { enableAuditLog } from "@/lib/coverage/audit-log";
import { readVault } from "@/lib/coverage/board";
import { collectAll } from "@/lib/coverage/testing/collect-all";
import { startDeployment } from "./control";
import { listItems } from "./items";
import { estateOf, leftoversOf } from "./testing/estate";
import { makeVault } from "./testing/make-vault";
import { OVER, plan, startFleet, type TestFleet, until } from "./testing/test-fleet";

const VAULTS = 12;

let fleet: TestFleet;

beforeAll(async () => {
  // A log begins long after it is switched on, as in Azure, where it takes up to 90 minutes.
  fleet = await startFleet(VAULTS, "--seed", "11", "--delay-diagnostics", "20000");
}, 300_000);
afterAll(() => fleet?.stop());

test("a vault whose log begins only after the planting is proven by what its log shows later", async () => {
  const { tenant, admin } = fleet;
  const id = VaultIdText.parse(await makeVault(fleet, "rg-new", "kv-new-log"));
  await collectAll(tenant.service, VAULTS + 1);
  await vi.waitFor(async () => expect((await readVault(admin, id)).vault.name).toBe("kv-new-log"), {
    timeout: 60_000,
    interval: 500,
  });
  const before = await estateOf(tenant);
  await enableAuditLog(admin, id);
  const view = await plan(admin, { selection: { by: "vaults", vaultIds: [id] } });
  await startDeployment(admin, { id: view.id });
  await until(admin, view.id, ...OVER);
  const { items } = await listItems(admin, { id: view.id });
  expect(items).toMatchObject([{ vaultId: id, state: "done", problem: null }]);
  // By the way that is tested here, and not since the row of the planting came after all.
  const arrived = await admin.db.selectFrom("deployment_step").select("detail").where("step", "=", "arrive").execute();
  expect(arrived).toEqual([{ detail: expect.stringContaining("began after the planting") }]);
  expect(leftoversOf(before, await estateOf(tenant))).toMatchObject({ planted: [id], grantsLeft: 0, unregistered: 0 });
  await vi.waitFor(
    async () => {
      const { vault, facts } = await readVault(admin, id);
      expect([vault.state, facts.filter(({ outcome }) => outcome === "fail" || outcome === "waiting")]).toEqual([
        "protected",
        [],
      ]);
    },
    { timeout: 60_000, interval: 500 },
  );
}, 300_000);
