import { describe, expect, test } from "vitest";
import type { Permission } from "@/lib/azure/permits.pure";
import { parseVaultId, type VaultId } from "@/lib/azure/resource-id.pure";
import type { BoardRow } from "@/lib/coverage/board.pure";
import type { Operation } from "../views.pure";
import { type Verdict, withGrants } from "./ways";

function vault(name: string, group = "rg"): VaultId {
  const id = parseVaultId(
    `/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/${group}/providers/Microsoft.KeyVault/vaults/${name}`,
  );
  if (!id) throw new Error("no vault id");
  return id;
}

function verdict(
  vaultId: VaultId,
  change: { model?: "rbac" | "policies"; state?: Verdict["state"]; way?: "arm_key" } = {},
): Verdict {
  const row: BoardRow = {
    id: vaultId,
    name: vaultId,
    subscriptionId: "s",
    subscription: "s",
    resourceGroup: "rg",
    location: "westeurope",
    permissionModel: change.model ?? "rbac",
    network: "public",
    state: "unprotected",
    reason: "not_registered",
    decoys: 0,
    mine: false,
    flagged: false,
    deploying: false,
    checkedAt: null,
  };
  const plan = { grant: "none" as const, warnings: [], reasons: [], ...(change.way && { way: change.way }) };
  return { vaultId, row, state: change.state ?? "planned", kind: "secret", count: 1, plan };
}

const group = (...ids: VaultId[]) => new Map([[ids[0]?.split("/").slice(0, 5).join("/") ?? "", new Set<string>(ids)]]);
const nobody = { planterAt: (): Permission[] => [] };
const waysOf = (verdicts: Verdict[]) => verdicts.map(({ plan }) => plan.grant);

describe("a role at the resource group", () => {
  const [a, b, c] = [vault("kv-a"), vault("kv-b"), vault("kv-c")];

  test("stands for all its vaults when the plan covers every one of them", () => {
    expect(
      waysOf(withGrants({ ...nobody, groups: group(a, b) }, { operation: "plant" }, [verdict(a), verdict(b)])),
    ).toEqual(["group_role", "group_role"]);
  });

  test("is not given when a vault there is not in the plan, is blocked, or works with access policies", () => {
    const groups = group(a, b, c);
    expect(waysOf(withGrants({ ...nobody, groups }, { operation: "plant" }, [verdict(a), verdict(b)]))).toEqual([
      "vault_role",
      "vault_role",
    ]);
    const blocked = [verdict(a), verdict(b), verdict(c, { state: "blocked" })];
    expect(waysOf(withGrants({ ...nobody, groups }, { operation: "plant" }, blocked))).toEqual([
      "vault_role",
      "vault_role",
      "none",
    ]);
    const mixed = [verdict(a), verdict(b), verdict(c, { model: "policies" })];
    expect(waysOf(withGrants({ ...nobody, groups }, { operation: "plant" }, mixed))).toEqual([
      "vault_role",
      "vault_role",
      "policy",
    ]);
  });

  test.each<Operation>(["plant", "retire", "replace"])(
    "is not given to %s over time, where turns lie far apart",
    (operation) => {
      const planned = [verdict(a), verdict(b)];
      const ways = (spreadHours: number) =>
        waysOf(withGrants({ ...nobody, groups: group(a, b) }, { operation, spreadHours }, planned));
      expect(ways(1)).toEqual(["vault_role", "vault_role"]);
      expect(ways(0)).toEqual(["group_role", "group_role"]);
    },
  );

  test("is not given for a single vault", () => {
    expect(waysOf(withGrants({ ...nobody, groups: group(a) }, { operation: "plant" }, [verdict(a)]))).toEqual([
      "vault_role",
    ]);
  });
});

describe("where the planting identity holds a right already", () => {
  const holding = (...names: string[]): { planterAt: () => Permission[] } => {
    const dataActions = names.map((name) => `Microsoft.KeyVault/vaults/${name}`);
    return { planterAt: () => [{ actions: [], notActions: [], dataActions, notDataActions: [] }] };
  };
  const a = vault("kv-a");
  const groups = group(a);
  const WRITES = ["secrets/setSecret/action", "secrets/readMetadata/action"];
  const DELETES = ["secrets/delete", "secrets/readMetadata/action", "keys/delete", "keys/read"];

  test.each<[Operation, string[], "none" | "vault_role"]>([
    ["plant", ["*"], "none"],
    ["plant", WRITES, "none"],
    ["plant", DELETES, "vault_role"],
    ["retire", DELETES, "none"],
    ["retire", WRITES, "vault_role"],
    ["replace", DELETES, "vault_role"],
    ["replace", [...WRITES, ...DELETES], "none"],
  ])("to %s with %j: %s", (operation, names, way) => {
    expect(waysOf(withGrants({ ...holding(...names), groups }, { operation }, [verdict(a)]))).toEqual([way]);
  });

  test("removing asks for no right on a kind that is not removed", () => {
    const planned = verdict(a);
    const removing = { ...planned, plan: { ...planned.plan, removes: { secrets: 1, keys: 0 } } };
    const fleet = { ...holding("secrets/*"), groups };
    expect(waysOf(withGrants(fleet, { operation: "retire" }, [removing]))).toEqual(["none"]);
    expect(waysOf(withGrants(fleet, { operation: "retire" }, [planned]))).toEqual(["vault_role"]);
  });
});

describe("a key through Azure Resource Manager", () => {
  const [a, b] = [vault("kv-a"), vault("kv-b")];

  test("takes a role, also where access policies decide about the contents", () => {
    const verdicts = [verdict(a, { model: "policies", way: "arm_key" }), verdict(b, { way: "arm_key" })];
    expect(waysOf(withGrants({ ...nobody, groups: group(a, b) }, { operation: "plant" }, verdicts))).toEqual([
      "vault_role",
      "vault_role",
    ]);
    const roles = [verdict(a, { way: "arm_key" }), verdict(b)];
    expect(waysOf(withGrants({ ...nobody, groups: group(a, b) }, { operation: "plant" }, roles))).toEqual([
      "group_role",
      "group_role",
    ]);
  });

  test("takes none where the planting identity may write keys on the vault as a resource; rights inside it do not count", () => {
    const standing = (give: Partial<Permission>): Permission[] => [
      { actions: [], notActions: [], dataActions: [], notDataActions: [], ...give },
    ];
    const one = [verdict(a, { way: "arm_key" })];
    const wayWith = (give: Partial<Permission>) =>
      waysOf(withGrants({ planterAt: () => standing(give), groups: group(a) }, { operation: "plant" }, one));
    expect(wayWith({ actions: ["Microsoft.KeyVault/vaults/keys/write"] })).toEqual(["none"]);
    expect(wayWith({ dataActions: ["Microsoft.KeyVault/vaults/*"] })).toEqual(["vault_role"]);
  });
});
