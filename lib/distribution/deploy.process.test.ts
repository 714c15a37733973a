import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { normaliseId, parseVaultId, type VaultId } from "@/lib/azure/resource-id.pure";
import { giveRoleAt } from "@/lib/azure/scope-roles";
import { mergeTags } from "@/lib/azure/tags";
import type { UserContext } from "@/lib/context";
import { readWholeFleet } from "@/lib/coverage/fleet";
import { collectAll } from "@/lib/coverage/testing/collect-all";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { changeSettings } from "@/lib/settings/settings";
import { DEFAULT_SETTINGS } from "@/lib/settings/settings.pure";
import { askForScans, readPlaces, readScope } from "./compliance";
import { deployRecommendation } from "./deploy";
import type { DeployOutcome } from "./deploy.pure";
import { keepTags } from "./keep-tags";
import { NEUTRAL_NAMES, REVIEW_VIEW } from "./policies.pure";

const LOCATION = "westeurope";
const Named = z.looseObject({ id: z.string(), name: z.string() });
const Vault = z.looseObject({ id: z.string(), tags: z.record(z.string(), z.string()).optional() });
const Role = z.looseObject({ principalId: z.string(), roleDefinitionId: z.string(), scope: z.string() });
const Assignment = z.looseObject({ name: z.string(), identity: z.looseObject({ principalId: z.string() }).optional() });

let tenant: TestTenant;
let admin: UserContext;
beforeAll(async () => {
  tenant = await startTenant("--vaults", "40", "--seed", "3");
  admin = await tenant.as("Administrator");
}, 120_000);
afterAll(() => tenant.stop());

const outcomes = ({ steps }: DeployOutcome) => Object.fromEntries(steps.map(({ name, outcome }) => [name, outcome]));
const ours = (name: string) => name.startsWith("key-vault-review");

async function written() {
  const [definitions, sets, assignments, roles] = await Promise.all([
    tenant.collection("policyDefinitions", Named),
    tenant.collection("policySetDefinitions", Named),
    tenant.collection("policyAssignments", Assignment),
    tenant.collection("roleAssignments", Role),
  ]);
  const ourAssignments = assignments.filter(({ name }) => ours(name));
  const identities = new Set(ourAssignments.map(({ identity }) => identity?.principalId));
  return {
    definitions: definitions.map(({ name }) => name).filter(ours),
    sets: sets.map(({ name }) => name).filter(ours),
    assignments: ourAssignments.map(({ name }) => name),
    roles: roles.filter(({ principalId }) => identities.has(principalId)),
  };
}

async function vaultsOf(subscriptionId: string): Promise<{ id: VaultId; tag: string | undefined }[]> {
  const all = await tenant.collection("vaults", Vault);
  return all.flatMap(({ id, tags }) => {
    const vaultId = parseVaultId(id);
    if (!vaultId?.startsWith(`/subscriptions/${subscriptionId}/`)) return [];
    return [{ id: vaultId, tag: tags?.[NEUTRAL_NAMES.tagName] }];
  });
}

async function firstSubscription() {
  const { places } = await readPlaces(admin);
  const place = places.find(({ kind }) => kind === "subscription");
  if (!place) throw new Error("The administrator sees no subscription.");
  const subscriptionId = place.id.split("/")[2] ?? "";
  return { id: place.id, scope: { subscriptionId }, subscriptionId };
}

describe("deploying the recommendation", () => {
  test("is refused until an administrator puts it to use, and writes nothing", async () => {
    const { scope } = await firstSubscription();
    await expect(deployRecommendation(admin, { scope, location: LOCATION })).rejects.toMatchObject({
      failure: { code: "conflict" },
    });
    expect(await written()).toEqual({ definitions: [], sets: [], assignments: [], roles: [] });
    const value = { ...DEFAULT_SETTINGS.recommendation, inUse: true };
    await changeSettings(admin, { group: "recommendation", value, basedOn: null });
  });

  test("into a subscription writes each part once, tags its vaults, and flags those that were not reviewed", async () => {
    const { scope, subscriptionId } = await firstSubscription();
    const before = await readScope(admin, scope);
    expect(before.missingRights).toEqual([]);
    expect(before.steps.map(({ state }) => state)).toEqual(Array(7).fill("missing"));
    const first = await deployRecommendation(admin, { scope, location: LOCATION });
    expect(first.steps.filter(({ outcome }) => outcome !== "written")).toEqual([]);
    const state = await written();
    expect(state).toMatchObject({
      definitions: expect.arrayContaining(["key-vault-review", "key-vault-review-tag"]),
      sets: ["key-vault-reviews"],
      assignments: expect.arrayContaining(["key-vault-reviews", "key-vault-review-tag"]),
    });
    expect(state.roles).toHaveLength(1);
    expect(normaliseId(state.roles[0]?.scope ?? "")).toBe(`/subscriptions/${subscriptionId}`);

    // Again: nothing is written twice, and what Azure is at is left to it.
    const again = outcomes(await deployRecommendation(admin, { scope, location: LOCATION }));
    expect(new Set(Object.values(again))).toEqual(new Set(["unchanged"]));
    expect(await written()).toEqual(state);

    await vi.waitFor(
      async () => {
        const tags = (await vaultsOf(subscriptionId)).map(({ tag }) => tag);
        expect(new Set(tags)).toEqual(new Set(["ReviewNeeded"]));
      },
      { timeout: 60_000, interval: 500 },
    );
    const [reviewed, ...others] = await vaultsOf(subscriptionId);
    if (!reviewed) throw new Error("no vault");
    await mergeTags(admin.asUser, reviewed.id, { [NEUTRAL_NAMES.tagName]: "Reviewed" });
    await askForScans(admin, { subscriptionIds: [subscriptionId] });
    await vi.waitFor(
      async () => {
        const { compliance, steps } = await readScope(admin, scope);
        expect(compliance).toMatchObject([{ subscriptionId, flagged: others.length, compliant: 1, scan: null }]);
        expect(steps.map(({ state: now }) => now)).toEqual(Array(7).fill("done"));
      },
      { timeout: 60_000, interval: 500 },
    );
    const rows = await tenant.service.db.selectFrom("audit").select(["action", "result"]).execute();
    const count = (action: string) => rows.filter((row) => row.action === action && row.result === "ok").length;
    expect([count("recommendation.deploy"), count("recommendation.evaluate")]).toEqual([7, 1]);
  });

  test("brings a changed definition back to what is saved, and nothing else", async () => {
    const { scope } = await firstSubscription();
    const value = { ...DEFAULT_SETTINGS.recommendation, inUse: true, link: `https://honey.contoso.test${REVIEW_VIEW}` };
    const { updated_at } = await tenant.service.db.selectFrom("setting").select("updated_at").executeTakeFirstOrThrow();
    await changeSettings(admin, { group: "recommendation", value, basedOn: updated_at.toISOString() });
    const states = (await readScope(admin, scope)).steps.filter(({ state }) => state !== "done");
    expect(states).toMatchObject([{ name: "auditPolicy", state: "differs" }]);
    const changed = outcomes(await deployRecommendation(admin, { scope, location: LOCATION }));
    expect(Object.entries(changed).filter(([, outcome]) => outcome === "written")).toEqual([
      ["auditPolicy", "written"],
    ]);
  });

  test("at a management group without the rights says which, and writes nothing", async () => {
    const analyst = await tenant.as("SOC analyst");
    const { scope, id } = await firstSubscription();
    const before = await written();
    const { missingRights, steps } = await readScope(analyst, scope);
    expect(steps.every(({ state }) => state === "done" || state === "waiting")).toBe(true);
    expect(missingRights).toHaveLength(5);
    expect(missingRights[0]).toContain("Resource Policy Contributor");
    const group = { managementGroup: "contoso-production" };
    await expect(deployRecommendation(analyst, { scope: group, location: LOCATION })).rejects.toMatchObject({
      failure: { code: "forbidden", fix: expect.stringContaining("Resource Policy Contributor") },
    });
    expect(await written()).toEqual(before);
    expect(id).toContain("/subscriptions/");
  });

  test("with some of the rights writes nothing either, since half of it helps nobody", async () => {
    const { azure, config } = tenant.service;
    // An identity that holds nothing in place of a person.
    const somebody = { ...admin, asUser: azure.drill };
    const last = (await readPlaces(admin)).places.filter(({ kind }) => kind === "subscription").at(-1);
    const subscriptionId = last?.id.split("/")[2] ?? "";
    const scope = { subscriptionId };
    expect(scope).not.toEqual((await firstSubscription()).scope);
    const resourcePolicyContributor = "36243c78-bf99-498c-9df9-86d9f8d28608";
    const principalId = config.identities.drill.objectId;
    await giveRoleAt(admin.asUser, scope, { principalId, roleId: resourcePolicyContributor });
    await vi.waitFor(async () => expect((await readScope(somebody, scope)).missingRights).toHaveLength(1), {
      timeout: 60_000,
      interval: 500,
    });
    const before = await written();
    await expect(deployRecommendation(somebody, { scope, location: LOCATION })).rejects.toMatchObject({
      failure: { code: "forbidden", fix: expect.stringContaining("Role Based Access Control Administrator") },
    });
    expect(await written()).toEqual(before);
  });

  test("at a management group reaches the subscriptions below it; the tags follow when Azure has looked", async () => {
    const scope = { managementGroup: "contoso-production" };
    const first = outcomes(await deployRecommendation(admin, { scope, location: LOCATION }));
    expect(first).toMatchObject({ tagRole: "written", remediation: "unchanged" });
    await vi.waitFor(
      async () => {
        const { steps } = await readScope(admin, scope);
        expect(steps.at(-1)?.state).toBe("missing");
      },
      { timeout: 60_000, interval: 500 },
    );
    const second = outcomes(await deployRecommendation(admin, { scope, location: LOCATION }));
    expect(second).toMatchObject({ assignTagPolicy: "unchanged", remediation: "written" });
    await vi.waitFor(
      async () => {
        const { compliance, steps } = await readScope(admin, scope);
        expect(steps.at(-1)?.state).toMatch(/done|waiting/);
        expect(compliance.length).toBeGreaterThan(0);
        for (const { subscriptionId } of compliance)
          for (const { tag } of await vaultsOf(subscriptionId)) expect(tag).toMatch(/^Review/);
      },
      { timeout: 60_000, interval: 500 },
    );
  });

  test("lets the registrar keep the tags: what is proven becomes Reviewed, and nothing else is written", async () => {
    await collectAll(tenant.service, 40);
    const { updated_at } = await tenant.service.db.selectFrom("setting").select("updated_at").executeTakeFirstOrThrow();
    const value = { ...DEFAULT_SETTINGS.recommendation, inUse: true, keepTag: true };
    await changeSettings(admin, { group: "recommendation", value, basedOn: updated_at.toISOString() });
    const tags = async () => {
      const all = await tenant.collection("vaults", Vault);
      return new Map(all.map(({ id, tags: own }) => [normaliseId(id), own?.[NEUTRAL_NAMES.tagName]]));
    };
    const before = await tags();
    await keepTags(tenant.service, new AbortController().signal);
    const { rows } = await readWholeFleet(tenant.service);
    const after = await tags();
    const proven = rows.filter(({ id, state }) => state === "protected" && before.get(id) !== undefined);
    expect(proven.length).toBeGreaterThan(0);
    for (const { id, state } of rows) {
      const kept = state === "protected" && before.get(id) !== undefined;
      expect(`${id} ${after.get(id)}`).toBe(`${id} ${kept ? "Reviewed" : before.get(id)}`);
    }
  });
});
