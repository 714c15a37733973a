import { expect, test } from "vitest";
import { ofVault } from "../by-vault";
import { testTenant } from "../test-tenant";
import { objectKey } from "./objects";
import { planOf } from "./world";

test("a vault's objects are the same one by one, by vault and all together, and as many as are counted", async () => {
  const { context } = await testTenant({ vaults: 120 });
  const { objects } = context.model;
  const all = [...objects.entries()];
  expect(new Set(all.map(([key]) => key)).size).toBe(objects.size);
  expect(all).toHaveLength(objects.size);
  for (const [key, object] of all) {
    expect(key).toBe(objectKey(object.vaultId, object.kind, object.name).toLowerCase());
    expect(objects.get(key.toUpperCase())).toEqual(object);
  }
  for (const { id } of planOf(context).vaults) {
    expect(ofVault(objects, id.toUpperCase())).toEqual(
      all.map(([, object]) => object).filter((one) => one.vaultId === id),
    );
  }
});

test("what was written over the world's objects or added to them is seen in every way", async () => {
  const { context } = await testTenant();
  const { objects } = context.model;
  const [vault] = planOf(context).vaults;
  const [first, second] = vault ? ofVault(objects, vault.id) : [];
  if (!vault || !first || !second) throw new Error("The first vault has fewer than two objects.");
  const before = objects.size;
  objects.put(objectKey(vault.id, first.kind, first.name), { ...first, managed: true });
  objects.delete(objectKey(vault.id, second.kind, second.name));
  objects.put(objectKey(vault.id, "secret", "new-one"), {
    vaultId: vault.id,
    kind: "secret",
    name: "new-one",
    versions: [],
  });
  expect(objects.size).toBe(before);
  const now = ofVault(objects, vault.id);
  expect(now[0]).toEqual({ ...first, managed: true });
  expect(now).not.toContainEqual(second);
  expect(now.at(-1)?.name).toBe("new-one");
});

test("no other vault's id, a made-up one or half a key finds anything", async () => {
  const { context } = await testTenant();
  const { objects } = context.model;
  const [vault] = planOf(context).vaults;
  const name = vault?.secrets[0];
  expect(objects.get(`${vault?.id}/secrets/${name}`)).toBeDefined();
  for (const key of [
    `/elsewhere/vaults/${vault?.name}/secrets/${name}`,
    `${vault?.id}/secrets`,
    `${vault?.name}`,
    "",
    "/",
    "//",
  ]) {
    expect(objects.get(key)).toBeUndefined();
    expect(ofVault(objects, key)).toEqual([]);
  }
});
