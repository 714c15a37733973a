import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { VaultIdText } from "@/lib/azure/vault-id-schema.pure";
import { getVault } from "@/lib/azure/vaults";
import type { UserContext } from "@/lib/context";
import { enableAuditLog } from "@/lib/coverage/audit-log";
import { readBoard, readVault } from "@/lib/coverage/board";
import { collectAll } from "@/lib/coverage/testing/collect-all";
import type { TestTenant } from "@/lib/coverage/testing/tenant";
import { startDeployment } from "./control";
import { listItems } from "./items";
import { estateOf, leftoversOf } from "./testing/estate";
import { makeVault } from "./testing/make-vault";
import { OVER, plan, startFleet, type TestFleet, until } from "./testing/test-fleet";

/* Resource groups whose names are not written in ASCII, as Azure allows them. */

const VAULTS = 12;

let tenant: TestTenant;
let admin: UserContext;
let fleet: TestFleet | undefined;

beforeAll(async () => {
  fleet = await startFleet(VAULTS, "--seed", "11");
  ({ tenant, admin } = fleet);
}, 300_000);
afterAll(() => fleet?.stop());

test("a vault in one is seen, logged, planted in and proven protected like any other", async () => {
  const id = VaultIdText.parse(await makeVault({ tenant, admin }, "rg-Größe-Группа", "kv-groesse"));
  await collectAll(tenant.service, VAULTS + 1);
  await vi.waitFor(async () => expect((await readVault(admin, id)).vault.name).toBe("kv-groesse"), {
    timeout: 60_000,
    interval: 500,
  });
  expect((await readVault(admin, id)).may).toMatchObject({ plant: true, changeLogging: true });
  await enableAuditLog(admin, id);
  const before = await estateOf(tenant);
  const view = await plan(admin, { kind: "key", selection: { by: "vaults", vaultIds: [id] } });
  expect(view.counts).toMatchObject({ planned: 1 });
  await startDeployment(admin, { id: view.id });
  await until(admin, view.id, ...OVER);
  const { items } = await listItems(admin, { id: view.id });
  expect(items).toMatchObject([{ vaultId: id, state: "done", problem: null }]);
  expect(leftoversOf(before, await estateOf(tenant))).toMatchObject({
    planted: [id],
    duplicated: 0,
    grantsLeft: 0,
    unregistered: 0,
    rowsWithoutObject: 0,
  });
  // A row of the vault's own log, which spells its id in capitals.
  await getVault(admin.asUser, id);
  await vi.waitFor(
    async () => {
      const { vault, facts } = await readVault(admin, id);
      expect([vault.state, facts.filter(({ outcome }) => outcome === "fail")]).toEqual(["protected", []]);
    },
    { timeout: 60_000, interval: 500 },
  );
}, 300_000);

test("a vault whose id is not understood is not left out in silence", async () => {
  await makeVault({ tenant, admin }, "rg-½", "kv-half");
  const ofUnnamed = (warnings: string[]) => warnings.filter((warning) => warning.includes("resource id"));
  expect(ofUnnamed((await readBoard(await tenant.as("Key Vault owner"))).warnings)).toEqual([]);
  await vi.waitFor(
    async () => {
      const { vaults, warnings } = await readBoard(admin);
      expect(ofUnnamed(warnings)).toEqual([expect.stringMatching(/^1 vault that Azure lists is missing here/)]);
      expect(vaults.map(({ name }) => name)).not.toContain("kv-half");
    },
    { timeout: 60_000, interval: 500 },
  );
}, 120_000);
