import { expect, test } from "vitest";
import { mayPlant } from "./rights";

const oid = "0c0c0c0c-0000-4000-8000-000000000002";
const nothing = { actions: [], notActions: [], dataActions: [], notDataActions: [] };
const rbac = { permissionModel: "rbac" as const, accessPolicies: [] };
const policies = (secrets: string[], keys: string[] = []) => ({
  permissionModel: "policies" as const,
  accessPolicies: [{ tenantId: "t", objectId: oid.toUpperCase(), secrets, keys }],
});

test("a reader may not plant", () => {
  const reader = [{ ...nothing, actions: ["*/read"] }];
  expect(mayPlant(reader, rbac, { oid }, "secret")).toBe(false);
  expect(mayPlant(reader, policies(["get", "list"]), { oid }, "secret")).toBe(false);
});

test("the control-plane right to write such an object is enough on either model", () => {
  const contributor = [{ ...nothing, actions: ["Microsoft.KeyVault/*"] }];
  expect(mayPlant(contributor, rbac, { oid }, "secret")).toBe(true);
  expect(mayPlant(contributor, policies([]), { oid }, "key")).toBe(true);
  const secretsOnly = [{ ...nothing, actions: ["Microsoft.KeyVault/vaults/secrets/*"] }];
  expect(mayPlant(secretsOnly, rbac, { oid }, "key")).toBe(false);
});

test("past a closed network only the right to write keys on the vault as a resource counts", () => {
  const contributor = [{ ...nothing, actions: ["Microsoft.KeyVault/vaults/keys/write"] }];
  const officer = [{ ...nothing, dataActions: ["Microsoft.KeyVault/vaults/keys/*"] }];
  expect(mayPlant(contributor, policies([]), { oid }, "key", "arm_key")).toBe(true);
  expect(mayPlant(officer, rbac, { oid }, "key", "arm_key")).toBe(false);
  expect(mayPlant([], policies([], ["create"]), { oid }, "key", "arm_key")).toBe(false);
});

test("the data-plane right counts on a vault with roles only", () => {
  const officer = [{ ...nothing, dataActions: ["Microsoft.KeyVault/vaults/secrets/*"] }];
  expect(mayPlant(officer, rbac, { oid }, "secret")).toBe(true);
  expect(mayPlant(officer, rbac, { oid }, "key")).toBe(false);
  expect(mayPlant(officer, policies([]), { oid }, "secret")).toBe(false);
});

test("an access policy counts when it is the person's own, holds the right one, and the vault works with policies", () => {
  expect(mayPlant([], policies(["set"]), { oid }, "secret")).toBe(true);
  expect(mayPlant([], policies(["all"]), { oid }, "secret")).toBe(true);
  expect(mayPlant([], policies(["set"]), { oid }, "key")).toBe(false);
  expect(mayPlant([], policies([], ["create"]), { oid }, "key")).toBe(true);
  expect(mayPlant([], policies(["set"]), { oid: "0d0d0d0d-0000-4000-8000-000000000009" }, "secret")).toBe(false);
  expect(mayPlant([], { ...policies(["set"]), permissionModel: "rbac" }, { oid }, "secret")).toBe(false);
});
