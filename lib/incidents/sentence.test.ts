import { expect, test } from "vitest";
import { callerName, incidentSentence, type SentenceFacts } from "./sentence.pure";

const VAULT = "/subscriptions/s/resourcegroups/rg/providers/microsoft.keyvault/vaults/kv-shop";
const user: SentenceFacts["callers"][number] = {
  caller: "oid",
  kind: "user",
  upn: "mallory@contoso.test",
  managedIdentity: null,
  appIds: ["cli"],
};

function touch(change: Partial<SentenceFacts["touches"][number]> = {}): SentenceFacts["touches"][number] {
  const at = "2026-11-22T12:00:00.000Z";
  return {
    at,
    operation: "SecretGet",
    status: 200,
    name: "archive-reader",
    kind: "secrets",
    vaultId: VAULT,
    caller: "oid",
    ...change,
  };
}

function sentence(change: Partial<SentenceFacts>): string {
  return incidentSentence({
    callers: [user],
    touches: [touch()],
    log: "whole",
    decoys: ["archive-reader"],
    vaults: [VAULT],
    firstTouch: "2026-11-22T12:00:00.000Z",
    alert: "Honeytoken watch tampered with: kv-shop by \u202emallory",
    ...change,
  });
}

test("one touch", () => {
  expect(sentence({})).toBe(
    "mallory@contoso.test touched honeytoken archive-reader in vault kv-shop, once: allowed SecretGet, on 2026-11-22 12:00 UTC.",
  );
});

test("several touches, refused ones apart, each operation counted", () => {
  const touches = [
    touch(),
    touch({ at: "2026-11-22T12:01:00.000Z" }),
    touch({ at: "2026-11-22T12:02:00.000Z", operation: "SecretBackup", status: 403, name: "batch-runner" }),
  ];
  expect(sentence({ touches })).toBe(
    "mallory@contoso.test touched 2 honeytokens: archive-reader and batch-runner in vault kv-shop, 3 times: allowed SecretGet (2) and refused SecretBackup, between 2026-11-22 12:00 UTC and 2026-11-22 12:02 UTC.",
  );
});

test("only refused", () => {
  expect(sentence({ touches: [touch({ status: 403 })] })).toContain("once: refused SecretGet, on");
});

test("many names are counted, not listed", () => {
  const touches = ["a", "b", "c", "d", "e"].map((name) => touch({ name }));
  expect(sentence({ touches })).toContain("5 honeytokens: a, b, c and 2 more honeytokens in");
});

test("without a row in the log the alerts speak, and that is said", () => {
  expect(sentence({ callers: [], touches: [] })).toBe(
    "An unknown caller touched honeytoken archive-reader in vault kv-shop on 2026-11-22 12:00 UTC; the log shows no row of it.",
  );
});

test("a log that could not be read is not taken for one without a row, and a part of it for no whole", () => {
  expect(sentence({ touches: [], log: "unread" })).toMatch(/12:00 UTC; its rows in the log could not be read\.$/);
  expect(sentence({ touches: [], log: "part" })).toMatch(/its rows in the log could not be read\.$/);
  expect(sentence({ log: "part" })).toContain("in vault kv-shop, at least once: allowed SecretGet");
});

test("an alert that is about no single honeytoken speaks for itself", () => {
  const change = { touches: [], decoys: [], vaults: [] };
  expect(sentence(change)).toBe(
    "Honeytoken watch tampered with: kv-shop by ‹U+202E›mallory, first on 2026-11-22 12:00 UTC.",
  );
  expect(sentence({ ...change, firstTouch: "never" })).toContain("first on an unknown day");
});

test("a caller's own words stay text, and cannot turn the sentence around", () => {
  const upn = "<b>\u202e=cmd()</b>@x.test";
  expect(sentence({ callers: [{ ...user, upn }] })).toContain("<b>‹U+202E›=cmd()</b>@x.test touched");
});

test("a caller is named by what says most", () => {
  const base = { caller: "203.0.113.9", upn: null, managedIdentity: null, appIds: [] };
  expect(callerName(base)).toBe("203.0.113.9");
  expect(callerName({ ...base, appIds: ["app"] })).toBe("application app");
  expect(callerName({ ...base, appIds: ["app"], managedIdentity: "/subscriptions/s/x/id-shop" })).toBe(
    "managed identity id-shop",
  );
});
