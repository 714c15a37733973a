import { beforeAll, describe, expect, test } from "vitest";
import type { Context } from "../context";
import { REAL_DELAYS } from "../delays";
import { tenantIdentity } from "../identity";
import { model, type Vault, type VaultObject } from "../model";
import { State } from "../state";
import { FIRST_START, testTenant } from "../test-tenant";
import { subscriptionCount, worldIds } from "./ids";
import type { VaultPlan } from "./plan";
import { ROLES } from "./roles";
import { createWorld, planOf } from "./world";

function snapshot(context: Context): string {
  return JSON.stringify(Object.entries(context.model).map(([name, documents]) => [name, [...documents.entries()]]));
}

describe("the world", () => {
  test("is the same for the same seed, size and first start, and another for another", async () => {
    const first = snapshot((await testTenant()).context);
    expect(snapshot((await testTenant()).context)).toBe(first);
    expect(snapshot((await testTenant({ seed: 2 })).context)).not.toBe(first);
  });

  test("is another tenant when it was first started at another time, with the same vault names", async () => {
    const { context } = await testTenant();
    const later: Context = {
      ...context,
      identity: tenantIdentity({ seed: 1, vaults: 30, firstStart: FIRST_START + 1 }),
      model: model(new State()),
    };
    createWorld(later);
    expect(later.identity.tenantId).not.toBe(context.identity.tenantId);
    const names = (of: Context) => [...of.model.vaults.values()].map(({ name }) => name);
    expect(names(later)).toEqual(names(context));
    expect([...later.model.vaults.values()][0]?.id).not.toBe([...context.model.vaults.values()][0]?.id);
  });

  test.each([1, 5, 26, 27, 241, 10_000])(
    "has exactly %i vaults with valid, unique names",
    { timeout: 30_000 },
    (vaults) => {
      const context = smallContext(vaults);
      const names = planOf(context).vaults.map(({ name }) => name);
      expect(names).toHaveLength(vaults);
      expect(new Set(names).size).toBe(vaults);
      for (const name of names) expect(name).toMatch(/^[a-z](?!.*--)[a-z0-9-]{1,22}[a-z0-9]$/);
    },
  );

  test("spreads over 3 to 50 subscriptions", () => {
    expect([1, 240, 2000, 10_000, 100_000].map(subscriptionCount)).toEqual([3, 3, 10, 50, 50]);
    const context = smallContext(2000);
    expect(new Set(planOf(context).vaults.map(({ group }) => group.subscriptionId)).size).toBe(10);
  });
});

test("an open estate has nothing that stands in the way of a planter, over as many subscriptions as are asked for", async () => {
  const { context } = await testTenant({ vaults: 120, subscriptions: 5, openEstate: true });
  const { vaults, groups } = planOf(context);
  expect(vaults).toHaveLength(120);
  expect(new Set(vaults.map(({ group }) => group.subscriptionId)).size).toBe(5);
  expect(vaults.filter(({ bulkReader, decoys }) => bulkReader !== undefined || decoys.length > 0)).toEqual([]);
  expect(new Set(vaults.map(({ network, logging }) => `${network} ${logging}`))).toEqual(new Set(["public workspace"]));
  const modelsOf = (id: string) => new Set(vaults.filter(({ group }) => group.id === id).map(({ model }) => model));
  for (const { id } of groups) expect(modelsOf(id).size).toBe(1);
  expect(new Set(vaults.map(({ model }) => model)).size).toBe(2);
});

describe("240 vaults", () => {
  let context: Context;
  let plan: VaultPlan[];

  beforeAll(async () => {
    ({ context } = await testTenant({ vaults: 240 }));
    plan = planOf(context).vaults;
  });

  const of = (rights: "contributor" | "reader") => plan.filter(({ group }) => group.ownerRights === rights);

  test("write the names of their objects in every grammar", () => {
    const of = (grammar: string) => plan.filter((vault) => vault.grammar === grammar);
    const every = (grammar: string, form: RegExp) => {
      const names = of(grammar).flatMap(({ secrets }) => secrets);
      expect(names.length).toBeGreaterThan(40);
      expect(names.filter((name) => !form.test(name))).toEqual([]);
    };
    every("kebab", /^[a-z0-9]+(-[a-z0-9]+)+$/);
    every("pascal", /^([A-Z][a-z0-9]+)+$/);
    every("sections", /^[A-Z][A-Za-z]+--[A-Z][A-Za-z0-9]+$/);
    every("env-suffix", /-(prod|test|dev|stg)$/);
    every("dotted", /^(spring|app|config|service)-[a-z]+-/);
    every("constant", /^[A-Z0-9]+(-[A-Z0-9]+)*-\d\d$/);
    const mixed = of("mixed");
    expect(mixed.length).toBeGreaterThan(3);
    for (const { secrets } of mixed.filter((vault) => vault.secrets.length > 9)) {
      const forms = [/^[a-z]/, /^[A-Z][a-z]/, /-/].filter((form) => secrets.some((name) => form.test(name)));
      expect(forms.length).toBeGreaterThan(1);
    }
  });

  test("show each certificate as a managed key and secret with the same versions, each renewed before its end", () => {
    const names = plan.flatMap((vault) => vault.certificates.map((name) => ({ vault, name })));
    expect(names.length).toBeGreaterThan(80);
    for (const { vault, name } of names) {
      const [key, secret] = ["keys", "secrets"].map((kind) => context.model.objects.get(`${vault.id}/${kind}/${name}`));
      expect([key?.managed, secret?.managed]).toEqual([true, true]);
      const ids = secret?.versions.map(({ version }) => version);
      expect(key?.versions.map(({ version }) => version)).toEqual(ids);
      expect(secret?.versions[0]?.contentType).toMatch(/^application\/x-(pkcs12|pem-file)$/);
      secret?.versions.reduce((before, version) => {
        expect(version.created).toBeLessThan(before.expires ?? 0);
        return version;
      });
    }
    const managed = [...context.model.objects.values()].filter((object) => object.managed);
    expect(managed).toHaveLength(2 * names.length);
  });

  test("hold secrets with a past: several versions, old ones disabled, dates of expiry, kinds of content", () => {
    const secrets = [...context.model.objects.values()].filter(
      ({ kind, managed, deletedAt }) => kind === "secret" && !managed && deletedAt === undefined,
    );
    const share = (wanted: (object: VaultObject) => boolean) => secrets.filter(wanted).length / secrets.length;
    expect(share(({ versions }) => versions.length > 1)).toBeGreaterThan(0.2);
    expect(share(({ versions }) => versions.length > 1)).toBeLessThan(0.6);
    expect(share(({ versions }) => versions.slice(0, -1).some(({ enabled }) => !enabled))).toBeGreaterThan(0.02);
    expect(share(({ versions }) => versions.at(-1)?.expires !== undefined)).toBeGreaterThan(0.08);
    expect(new Set(secrets.map(({ versions }) => versions.at(-1)?.contentType)).size).toBeGreaterThan(5);
    for (const { versions } of secrets) {
      const times = versions.map(({ created }) => created);
      expect([...times].sort((a, b) => a - b)).toEqual(times);
    }
  });

  test("log in mixed ways: by category and by group, to one table, the other or both, elsewhere, no more, never", () => {
    const workspace = worldIds(context).workspace.resourceId;
    const settings = [...context.model.diagnosticSettings.values()];
    const tables = plan.map(({ id }) => {
      const own = settings.filter(({ vaultId, workspaceId }) => vaultId === id && workspaceId === workspace);
      return own
        .map(({ destinationType }) => destinationType ?? "AzureDiagnostics")
        .sort()
        .join("+");
    });
    for (const way of ["AzureDiagnostics", "Dedicated", "AzureDiagnostics+Dedicated", ""])
      expect(tables.filter((found) => found === way).length).toBeGreaterThan(3);
    for (const group of [undefined, "audit", "allLogs"])
      expect(settings.filter(({ logs }) => logs[0]?.categoryGroup === group).length).toBeGreaterThan(10);
    for (const way of ["stopped", "elsewhere", "storage", "none"])
      expect(plan.filter(({ logging }) => logging === way).length).toBeGreaterThan(3);
  });

  test("come in the promised mix", () => {
    const count = (register: string, logging: string) =>
      plan.filter((vault) => vault.register === register && vault.logging === logging).length;
    expect(count("live", "workspace")).toBe(55);
    expect(count("legacy", "workspace") + count("old", "workspace") + count("live", "new")).toBe(24);
    const logging = plan.filter((vault) => ["workspace", "new"].includes(vault.logging)).length;
    expect(logging / 240).toBeCloseTo(0.7, 1);
    expect(plan.filter((vault) => vault.logging === "none").length / 240).toBeCloseTo(0.2, 1);
    for (const model of ["rbac", "policies"])
      expect(plan.filter((vault) => vault.model === model).length).toBeGreaterThan(60);
    for (const network of ["firewall", "private"]) {
      expect(plan.filter((vault) => vault.network === network).length).toBeGreaterThan(5);
    }
  });

  test("give the owner red and green vaults of both models", () => {
    const owned = of("contributor");
    expect(owned).toHaveLength(20);
    const red = owned.filter((vault) => vault.register === "none");
    for (const model of ["rbac", "policies"]) {
      const ready = red.filter(
        (vault) => vault.model === model && vault.logging === "workspace" && vault.network === "public",
      );
      expect(ready.length).toBeGreaterThanOrEqual(3);
    }
    expect(red.some((vault) => vault.logging === "none")).toBe(true);
    expect(red.some((vault) => vault.network === "firewall")).toBe(true);
    expect(owned.filter((vault) => vault.register === "live" && vault.logging === "workspace").length).toBeGreaterThan(
      2,
    );
    const seen = of("reader");
    expect(seen).toHaveLength(6);
    expect(seen.filter((vault) => vault.register === "none" && vault.logging === "workspace").length).toBeGreaterThan(
      1,
    );
  });

  test("are reachable by the owner through exactly three resource groups", () => {
    const { owner } = worldIds(context).personas;
    const mine = [...context.model.roleAssignments.values()].filter(({ principalId }) => principalId === owner);
    const onGroups = mine.filter(({ scope }) => /\/resourceGroups\/[^/]+$/.test(scope));
    expect(new Set(onGroups.map(({ scope }) => scope)).size).toBe(3);
    expect(onGroups).toHaveLength(7);
    // The eighth lets the owner point a vault's log at the workspace.
    expect(mine).toHaveLength(8);
  });

  test("hold every registered decoy, and no object twice", () => {
    const items = [...context.model.watchlistItems.values()];
    expect(items.length).toBeGreaterThan(85);
    for (const { fields } of items) {
      const kind = JSON.parse(fields.Properties ?? "{}").Type === "key" ? "keys" : "secrets";
      expect(context.model.objects.get(`${fields.ResourceId}/${kind}/${fields.HoneyToken}`)).toBeDefined();
    }
    const expected = plan.reduce(
      (sum, { secrets, keys, certificates, deleted, decoys }) =>
        sum + secrets.length + keys.length + 2 * certificates.length + deleted.length + decoys.length,
      0,
    );
    expect(context.model.objects.size).toBe(expected);
  });

  test("keep planting rows inside the published window, by the planter, of the object's own version", () => {
    const { planter } = worldIds(context).identities;
    const items = [...context.model.watchlistItems.values()];
    let seen = 0;
    for (const row of context.model.logRows.values()) {
      if (!/^(SecretSet|KeyCreate)$/.test(String(row.values.OperationName))) continue;
      seen++;
      const uri = String(row.values.requestUri_s ?? row.values.RequestUri);
      const name = /\/(?:secrets|keys)\/([^/?]+)/.exec(uri)?.[1] ?? "";
      const item = items.find(
        ({ fields }) => fields.HoneyToken === name && fields.ResourceId?.toLowerCase() === row.values._ResourceId,
      );
      expect(item?.fields.PlanterOid).toBe(planter.objectId);
      const start = Date.parse(item?.fields.WindowStart ?? "");
      const end = Date.parse(item?.fields.WindowEnd ?? "");
      expect(row.timeGenerated > start && row.timeGenerated < end).toBe(true);
      expect(end - start).toBeLessThanOrEqual(30 * 60_000);
      const kind = row.values.OperationName === "KeyCreate" ? "keys" : "secrets";
      const version = context.model.objects.get(`${item?.fields.ResourceId}/${kind}/${name}`)?.versions[0]?.version;
      expect(String(row.values.id_s ?? row.values.Id)).toContain(`/${version}`);
    }
    expect(seen).toBeGreaterThanOrEqual(55);
  });

  test("show a deletion by a person for every decoy that is gone", () => {
    const gone = plan.filter(({ register }) => register === "deleted").flatMap(({ decoys }) => decoys);
    const deletions = [...context.model.logRows.values()].filter(({ values }) =>
      /Delete$/.test(String(values.OperationName)),
    );
    expect(deletions).toHaveLength(gone.length);
  });

  test("contain watchlist rows of the earlier tool with four filled columns", () => {
    const old = [...context.model.watchlistItems.values()].filter(({ fields }) => fields.TokenKey === "");
    expect(old.length).toBeGreaterThan(3);
    for (const { fields } of old) expect(Object.values(fields).filter(Boolean)).toHaveLength(4);
  });

  test("have nothing in them that was made in the future", () => {
    for (const vault of context.model.vaults.values()) expect(vault.createdAt).toBeLessThan(FIRST_START);
    for (const object of context.model.objects.values()) {
      expect(object.versions.every(({ created }) => created < FIRST_START)).toBe(true);
      if (object.deletedAt !== undefined) {
        expect(object.deletedAt).toBeLessThan(FIRST_START);
        expect(object.purgeAt).toBeGreaterThan(FIRST_START);
      }
    }
    for (const row of context.model.logRows.values()) expect(row.ingestedAt).toBeLessThan(FIRST_START);
  });

  test("say nowhere that something is a decoy, except in the register", () => {
    const telling = /honey|decoy|canary|decept/i;
    for (const name of ["vaults", "objects", "principals", "roleDefinitions", "resourceGroups"] as const) {
      for (const document of context.model[name].values()) expect(JSON.stringify(document)).not.toMatch(telling);
    }
  });

  test("give the planter no standing right and the granter two roles to hand out to it, and two to read to the drill", () => {
    const ids = worldIds(context);
    const assignments = [...context.model.roleAssignments.values()];
    expect(assignments.filter(({ principalId }) => principalId === ids.identities.planter.objectId)).toEqual([]);
    expect(assignments.filter(({ principalId }) => principalId === ids.identities.drill.objectId)).toEqual([]);
    const handing = assignments.filter(({ principalId }) => principalId === ids.identities.granter.objectId);
    expect(handing).toHaveLength(3);
    for (const { mayAssign } of handing) {
      expect(mayAssign).toEqual([
        {
          roleDefinitionIds: [ids.plantRoleId, ids.retireRoleId],
          principalIds: [ids.identities.planter.objectId],
        },
        { roleDefinitionIds: [ROLES.secretsUser, ROLES.vaultReader], principalIds: [ids.identities.drill.objectId] },
      ]);
    }
    const planting = context.model.roleDefinitions.get(ids.plantRoleId);
    expect(planting?.dataActions.some((action) => /getSecret|delete/i.test(action))).toBe(false);
    const retiring = context.model.roleDefinitions.get(ids.retireRoleId);
    expect(retiring?.dataActions.some((action) => /getSecret|set|create|purge/i.test(action))).toBe(false);
  });

  test("leave out the permission model where it is access policies", () => {
    const byPolicy = (vault: Vault) => vault.enableRbacAuthorization === undefined;
    const policies = [...context.model.vaults.values()].filter(byPolicy);
    expect(policies.length).toBe(plan.filter((vault) => vault.model === "policies").length);
    for (const vault of policies) expect(vault.accessPolicies.length).toBeGreaterThan(0);
  });
});

function smallContext(vaults: number): Context {
  return {
    settings: {
      port: 0,
      seed: 3,
      vaults,
      appOrigin: "http://localhost:3000",
      delays: { ...REAL_DELAYS },
      throttle: false,
    },
    identity: tenantIdentity({ seed: 3, vaults, firstStart: FIRST_START }),
    model: model(new State()),
    now: () => FIRST_START,
    random: () => 0.5,
  };
}
