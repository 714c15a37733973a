import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { normaliseId, parseVaultId, type VaultId } from "@/lib/azure/resource-id.pure";
import { deleteWatchlistItem, putWatchlistItem } from "@/lib/azure/watchlists";
import type { ServiceContext, UserContext } from "@/lib/context";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { Setting } from "@/lib/coverage/testing/truth";
import { standingRights } from "@/lib/deployments/standing-rights";
import { recordDeployment } from "@/lib/deployments/start";
import { carryItem } from "@/lib/deployments/testing/carry-item";
import { type Decoy, listDecoys } from "@/lib/store/decoys";
import { findDrift } from "./drift";
import { importRegister } from "./import";
import { rebuildRegister } from "./rebuild";
import { repairRequested, requestRepair } from "./repair";
import { watchlistItems } from "./testing/watchlist-truth";

/* A planted estate in a simulated tenant: its register is compared, repaired, lost, and put together again. */

const VAULTS = 3;
/** Longer than the simulated tenant takes to show a changed row. */
const SHOWS_WITHIN = 3_000;

let tenant: TestTenant;
let service: ServiceContext;
let admin: UserContext;
let planted: Decoy[];

beforeAll(async () => {
  tenant = await startTenant("--vaults", "60", "--seed", "3");
  const { config } = tenant.service;
  const timing = { ...config.timing, poll: 200, bulkFactsMaxAge: 0 };
  service = { ...tenant.service, config: { ...config, timing } };
  admin = await tenant.as("Administrator");
  await importRegister(service);
  const vaults = await plantInSome();
  planted = (await listDecoys(service.db)).filter(({ vault_id, item_id }) => item_id && vaults.has(vault_id));
  expect(planted).toHaveLength(VAULTS);
  // Their creations must have reached the log.
  await pause(6_000);
});
afterAll(() => tenant?.stop());

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("differences", () => {
  test("are found in what the workspace itself returns, repaired on request, and then gone", async () => {
    const [lost, twice] = planted;
    if (!lost || !twice) throw new Error("nothing planted");
    // So that the rows of the planting count as old enough.
    const timing = { ...service.config.timing, registerVisibleWithin: SHOWS_WITHIN };
    const hasty = { ...service, config: { ...service.config, timing } };
    const { workspace, watchlistAlias } = service.config;
    const list = [service.azure.registrar, workspace.resourceId, watchlistAlias] as const;
    await deleteWatchlistItem(...list, lost.watchlist_item_id);
    const row = (await watchlistItems(tenant)).find(({ fields }) => fields.TokenKey === twice.token_key);
    await putWatchlistItem(...list, randomUUID(), row?.fields ?? {});
    await pause(SHOWS_WITHIN);
    const mine = async () => {
      const ids = new Set(planted.map(({ id }) => id));
      return (await findDrift(hasty)).filter(({ decoy_id }) => decoy_id !== null && ids.has(decoy_id));
    };
    expect((await mine()).map(({ kind, decoy_id }) => [kind, decoy_id]).sort()).toEqual([
      ["duplicate", twice.id],
      ["missing", lost.id],
    ]);
    for (const { id } of await mine()) await requestRepair({ ...admin, ...hasty }, { id });
    await repairRequested(hasty, new AbortController().signal);
    const rows = (await watchlistItems(tenant)).map(({ fields }) => fields.TokenKey);
    for (const { token_key } of planted) expect(rows.filter((key) => key === token_key)).toHaveLength(1);
    await pause(SHOWS_WITHIN);
    expect(await mine()).toEqual([]);
  });
});

describe("a lost database", () => {
  test("is refused while it is not lost", async () => {
    await expect(rebuildRegister(service, { merge: false })).rejects.toThrow("has honeytokens already");
  });

  test("comes back from Azure alone: every decoy with its row, its version and the proof that it is ours", async () => {
    const before = (await listDecoys(service.db)).filter(({ item_id }) => item_id !== null);
    await service.db.deleteFrom("register_drift").execute();
    await service.db.deleteFrom("decoy").execute();
    const rebuilt = await rebuildRegister(service, { merge: false });
    expect(rebuilt.proven).toBeGreaterThanOrEqual(VAULTS);
    const after = new Map((await listDecoys(service.db)).map((decoy) => [decoy.token_key, decoy]));
    expect(rebuilt.recovered).toBe(after.size);
    for (const { token_key, vault_id, kind, name, state, planter_oid, version, watchlist_item_id } of before) {
      const decoy = after.get(token_key);
      expect(decoy).toMatchObject({ vault_id, kind, name, state, planter_oid, version });
      expect(decoy?.watchlist_item_id.toLowerCase()).toBe(watchlist_item_id.toLowerCase());
      expect(decoy?.confirmed_at).not.toBeNull();
    }
    expect(await standingRights(service)).toEqual([]);
    expect(await rebuildRegister(service, { merge: true })).toMatchObject({ recovered: 0 });
  });

  test("is rebuilt by the command, which refuses a store in use and tells no name", async () => {
    const held = await command(tenant.variables);
    expect([held.code, held.text]).toEqual([1, expect.stringContaining("is in use by process")]);
    const folder = mkdtempSync(path.join(tmpdir(), "rebuild-"));
    try {
      const { code, text } = await command({ ...tenant.variables, DATA_DIR: folder });
      expect([code, text]).toEqual([0, expect.stringMatching(/honeytokens are published; \d+ came back/)]);
      for (const { name } of planted) expect(text).not.toContain(name);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

async function command(variables: Record<string, string>): Promise<{ code: number | null; text: string }> {
  const args = ["node_modules/tsx/dist/cli.mjs", "--conditions=react-server", "scripts/rebuild-register.ts"];
  const child = spawn(process.execPath, args, { env: { ...process.env, LOG_LEVEL: "silent", ...variables } });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (part: Buffer) => {
      text += part.toString();
    });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, text };
}

const Vault = z.object({
  id: z.string(),
  publicNetworkAccess: z.string(),
  networkAcls: z.object({ defaultAction: z.string() }).optional(),
});

/** Plants one secret in each of some reachable, logged vaults with the product's own engine. */
async function plantInSome(): Promise<Set<string>> {
  const workspace = normaliseId(service.config.workspace.resourceId);
  const logged = new Set(
    (await tenant.collection("diagnosticSettings", Setting))
      .filter(({ workspaceId }) => workspaceId !== undefined && normaliseId(workspaceId) === workspace)
      .map(({ vaultId }) => normaliseId(vaultId)),
  );
  const open = (await tenant.collection("vaults", Vault))
    .filter((vault) => vault.publicNetworkAccess === "Enabled" && vault.networkAcls?.defaultAction !== "Deny")
    .flatMap(({ id }) => parseVaultId(id) ?? [])
    .filter((id) => logged.has(id));
  const done = new Set<string>();
  for (const vaultId of open) {
    if (done.size === VAULTS) break;
    if ((await plant(vaultId)) === "done") done.add(vaultId);
  }
  return done;
}

async function plant(vaultId: VaultId): Promise<string> {
  const deployment = await recordDeployment(service, admin.user, vaultId, { kind: "secret", count: 1 });
  const item = await service.db
    .selectFrom("deployment_item")
    .select("id")
    .where("deployment_id", "=", deployment)
    .executeTakeFirstOrThrow();
  return carryItem(service, item.id);
}
