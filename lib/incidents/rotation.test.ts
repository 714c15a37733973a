import { expect, test } from "vitest";
import type { ReadObject } from "./incident.pure";
import { exposureOf, rankForRotation } from "./rotation.pure";

function object(name: string, change: Partial<ReadObject> = {}): ReadObject {
  const at = "2026-11-22T12:00:00.000Z";
  return {
    vaultId: "/vaults/kv",
    kind: "secrets",
    name,
    reads: 1,
    after: 1,
    first: at,
    last: at,
    seconds: 10,
    operations: ["SecretGet"],
    ...change,
  };
}

test("secrets come before certificates and keys, values before uses before what is public", () => {
  const objects = [
    object("public", { kind: "keys", operations: ["KeyGet"], reads: 900 }),
    object("used", { kind: "keys", operations: ["KeyGet", "KeyDecrypt"], reads: 5 }),
    object("backed-up", { kind: "keys", operations: ["KeyBackup"] }),
    object("certificate", { kind: "certificates", operations: ["CertificateGet"] }),
    object("secret"),
  ];
  expect(rankForRotation(objects).map(({ name }) => name)).toEqual([
    "secret",
    "certificate",
    "backed-up",
    "used",
    "public",
  ]);
});

test("then by how often, then by how near to the touch, then by name", () => {
  const objects = [
    object("b"),
    object("a"),
    object("near", { seconds: 1 }),
    object("often", { reads: 3, seconds: 5_000 }),
  ];
  expect(rankForRotation(objects).map(({ name }) => name)).toEqual(["often", "near", "a", "b"]);
});

test.each([
  ["keys", ["KeyGet"], "public"],
  ["keys", ["KeyGet", "KeySign"], "use"],
  ["keys", ["KeyBackup"], "value"],
  ["certificates", ["CertificateGet"], "public"],
  ["certificates", ["CertificateBackup"], "value"],
  ["secrets", ["SecretBackup"], "value"],
] as const)("%s by %j gives away: %s", (kind, operations, exposure) => {
  expect(exposureOf({ kind, operations: [...operations] })).toBe(exposure);
});
