import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { deployRecommendation } from "@/lib/distribution/deploy";
import { FAMILIAR_NAMES } from "@/lib/distribution/policies.pure";
import { changeSettings } from "@/lib/settings/settings";
import { DEFAULT_SETTINGS } from "@/lib/settings/settings.pure";
import { readFootprint } from "./footprint";
import type { FootprintView } from "./footprint.pure";

/* What a simulated tenant shows of the product, as an administrator finds it, and as somebody who may read little does. */

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await startTenant("--vaults", "24", "--seed", "3", "--warm-parser");
  const admin = await tenant.as("Administrator");
  // The first queries of a cold tenant on a busy machine may take longer than the product waits.
  await vi.waitFor(async () => expect((await readFootprint(admin)).unread).toEqual([]), {
    timeout: 240_000,
    interval: 1_000,
  });
}, 300_000);
afterAll(() => tenant?.stop());

const named = ({ traces }: FootprintView, kind: string) => traces.filter((trace) => trace.kind === kind);

test("what stands in Azure is found and judged, and who reads the register is named", async () => {
  const admin = await tenant.as("Administrator");
  const view = await readFootprint(admin);
  expect(named(view, "rule").map(({ telling }) => telling)).toContain("plain");
  expect(named(view, "watchlist")).toMatchObject([{ name: tenant.service.config.watchlistAlias }]);
  expect(named(view, "role").map(({ because }) => because)).toContainEqual(["it writes secrets and reads none"]);
  expect(named(view, "assignment").some(({ where }) => where.includes("(collector)"))).toBe(true);
  expect(named(view, "tag")).toEqual([]);
  expect(view.unread).toEqual([]);
  const registrations = named(view, "application").map(({ name, telling }) => `${name}: ${telling}`);
  expect(registrations).toContain("Vault operations console: nothing");
  expect(named(view, "identity")).toHaveLength(5);

  const { identities } = tenant.service.config;
  const collector = view.readers.find(({ principalId }) => principalId === identities.collector.objectId.toLowerCase());
  expect(collector).toMatchObject({ ours: true, direct: true });
  expect(collector?.from.some((place) => place.startsWith("Subscription"))).toBe(true);
  expect(view.readers.find(({ name }) => name.endsWith("(you)"))).toMatchObject({ kind: "User", direct: false });
  // The drill holds nothing, and who only delivers logs reads none.
  const ids = view.readers.map(({ principalId }) => principalId);
  expect(ids).not.toContain(identities.drill.objectId.toLowerCase());
  expect(ids).not.toContain((await tenant.as("Key Vault owner")).user.oid.toLowerCase());
});

test("who may not read the directory is told that, and the rest is there", async () => {
  const admin = await tenant.as("Administrator");
  // An identity with Reader on the subscriptions and without any permission of Microsoft Graph.
  const view = await readFootprint({ ...admin, asUser: tenant.service.azure.collector });
  expect(named(view, "application")).toEqual([]);
  expect(view.unread.map(({ what }) => what).toSorted()).toEqual(["App registrations", "Service principals"]);
  expect(view.unread[0]?.fix).toContain("Application.Read.All");
  expect(named(view, "rule").length).toBeGreaterThan(3);
  expect(view.readers.length).toBeGreaterThan(2);
});

test("names that the product gives show at once, and other ones would say nothing", async () => {
  const admin = await tenant.as("Administrator");
  const value = { ...DEFAULT_SETTINGS.recommendation, inUse: true, names: FAMILIAR_NAMES };
  await changeSettings(admin, { group: "recommendation", value, basedOn: null });
  const subscriptionId = tenant.service.config.workspace.resourceId.split("/")[2] ?? "";
  await deployRecommendation(admin, { scope: { subscriptionId }, location: "westeurope" });
  const policies = named(await readFootprint(admin), "policy");
  expect(policies.map(({ name }) => name)).toEqual(
    expect.arrayContaining([expect.stringContaining("KeyVault HoneyTokens"), expect.stringContaining("(HoneyTokens)")]),
  );
  const pair = policies.filter(({ name }) => /honeytoken/i.test(name));
  expect(new Set(pair.map(({ telling }) => telling))).toEqual(new Set(["plain"]));
  expect(pair[0]).toMatchObject({ link: { href: "/setup/recommendation" } });
});

test("somebody who may read little is told what was not read", async () => {
  const owner = await tenant.as("Key Vault owner");
  const view = await readFootprint(owner);
  expect(view.unread.map(({ what }) => what)).toEqual(
    expect.arrayContaining(["Analytics rules", "The watchlist", "Who can read the register"]),
  );
  expect(view.readers).toEqual([]);
});
