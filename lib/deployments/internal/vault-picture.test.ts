import { expect, test } from "vitest";
import type { ArmObject } from "@/lib/azure/vaults";
import { fakeVaultId } from "../testing/fake-azure";
import { pictureOf } from "./vault-picture";

const VAULT = fakeVaultId(1);
const NOW = new Date("2026-11-22T10:00:00Z");
const days = (count: number) => new Date(NOW.getTime() - count * 86_400_000);

function listed(name: string, change: Partial<ArmObject> = {}): ArmObject {
  const nothing = { notBefore: undefined, expires: undefined, contentType: undefined, key: undefined };
  return { name, kind: "secret", enabled: true, created: days(20), updated: days(5), tags: {}, ...nothing, ...change };
}

const around = { families: [["other-name"]], versions: undefined, now: NOW };

test("what the lists say is taken over; empty tags are none", () => {
  const key = { type: "EC", size: undefined, curve: "P-256" };
  const { objects, siblings } = pictureOf(
    VAULT,
    [
      listed("a", { contentType: "text/plain", tags: { team: "pay" }, expires: days(-90) }),
      listed("b", { kind: "key", key }),
    ],
    around,
  );
  expect(siblings).toEqual(["other-name"]);
  expect(objects[0]).toMatchObject({
    name: "a",
    managed: false,
    created: days(20),
    updated: days(5),
    contentType: "text/plain",
    tags: { team: "pay" },
    expires: days(-90),
    versions: undefined,
  });
  expect(objects[1]).toMatchObject({ kind: "key", key, tags: undefined });
});

test("an object without dates still counts as a name", () => {
  const { objects } = pictureOf(VAULT, [listed("a", { created: undefined, updated: undefined })], around);
  expect(objects[0]).toMatchObject({ name: "a", created: NOW, updated: NOW });
});

test("a secret and a key of one name are a certificate's, whatever their case", () => {
  const { objects } = pictureOf(VAULT, [listed("Web"), listed("web", { kind: "key" }), listed("other")], around);
  expect(objects.map(({ managed }) => managed)).toEqual([true, true, false]);
});

test("earlier versions come from the log; the current one is added where the log does not reach back to it", () => {
  const versions = new Map([
    [`${VAULT}/secrets/renewed`, [days(70), days(20)]],
    [`${VAULT}/keys/renewed`, [days(1)]],
  ]);
  const { objects } = pictureOf(VAULT, [listed("Renewed"), listed("old", { created: days(400) })], {
    ...around,
    versions,
  });
  expect(objects.map((one) => one.versions)).toEqual([[days(70), days(20)], [days(400)]]);
});
