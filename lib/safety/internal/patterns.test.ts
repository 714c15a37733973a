import { describe, expect, test } from "vitest";
import { type CallerRow, prefixesOf, readerOf } from "./patterns";

const APP = "azsdk-net-Extensions.AspNetCore.Configuration.Secrets/1.3.2 (.NET 8.0.11; Linux)";
const PORTAL = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Edg/141.0.0.0";

function row(change: Partial<CallerRow>): CallerRow {
  return {
    caller: "0a",
    collection: "secrets",
    lists: 4,
    mostRead: 0,
    mostBackedUp: 0,
    names: [],
    agents: [APP],
    ...change,
  };
}

const names = (...list: string[]) => ({ mostRead: list.length, names: list });

describe("a caller that lists and then", () => {
  test.each([
    ["reads all", 10, 10, "everything"],
    ["reads all but the disabled ones", 6, 10, "everything"],
    ["reads the only secret that is in use", 1, 1, "everything"],
  ])("%s loads everything", (_, mostRead, known, pattern) => {
    expect(readerOf(row({ mostRead, names: ["a", "b"] }), known)).toMatchObject({ pattern, kind: "secret" });
  });

  test("reads what begins alike selects by that beginning", () => {
    const reader = readerOf(row(names("app1-sql-password", "app1-mail-key", "app1-mail-user")), 20);
    expect(reader).toMatchObject({ pattern: "prefix", prefixes: ["app1-"] });
  });

  test("reads several without a pattern is understood as one that could read any", () => {
    expect(readerOf(row(names("sql-password", "mail-key", "jwt-secret", "sap-user")), 20)).toMatchObject({
      pattern: "some",
    });
  });

  test("reads one that it could have named by itself meets nothing new", () => {
    expect(readerOf(row(names("sql-password")), 20)).toBeUndefined();
  });

  test("looks again and again and fetches what has changed loads everything, as one that reloads does", () => {
    expect(readerOf(row({ ...names("sql-password"), lists: 8_000 }), 20)).toMatchObject({ pattern: "everything" });
  });

  test("reads nothing meets nothing: a list carries no value", () => {
    expect(readerOf(row({ lists: 8_000 }), 20)).toBeUndefined();
  });

  test("looks around in a browser is a person", () => {
    expect(readerOf(row({ ...names("a", "b", "c"), agents: [PORTAL] }), 3)).toBeUndefined();
    expect(readerOf(row({ ...names("a", "b", "c"), agents: [PORTAL, APP] }), 3)).toMatchObject({
      pattern: "everything",
    });
  });

  test("fetches certificates is no concern of a secret or key", () => {
    expect(readerOf(row({ ...names("tls"), collection: "certificates" }), 1)).toBeUndefined();
  });
});

describe("a backup", () => {
  test.each([
    [10, 10, 2],
    [1, 1, 0],
    [6, 10, 0],
    [2, 10, 2],
    [1, 10, 2],
  ])("of %i of %i names after %i lists takes what is new along", (mostBackedUp, known, lists) => {
    expect(readerOf(row({ mostBackedUp, lists, collection: "keys" }), known)).toMatchObject({
      pattern: "backup",
      kind: "key",
    });
  });

  test("by a person who looks around in a browser is of what they chose", () => {
    expect(readerOf(row({ mostBackedUp: 1, lists: 4, agents: [PORTAL] }), 10)).toBeUndefined();
  });

  test("of one named object among many does not", () => {
    expect(readerOf(row({ mostBackedUp: 1, lists: 0 }), 10)).toBeUndefined();
  });
});

test.each([
  [APP, "aspnet"],
  ["az-sp-kv-sec/5.1 azsdk-java-spring", "spring"],
  ["external-secrets/0.10.5 azsdk-go-azsecrets/v1.1.0", "synchroniser"],
  ["AzureCLI/2.66.0 (DEB) azsdk-python-keyvault-secrets/4.9.0", "script"],
  ["azsdk-go-azsecrets/v1.1.0", "unknown"],
])("the client %s is taken for %s", (agent, client) => {
  expect(readerOf(row({ ...names("a", "b"), agents: [agent] }), 2)).toMatchObject({ client });
});

test.each([
  [["payments--smtp", "payments--sql"], ["payments--"]],
  [["app1sqlpassword", "app1mailkey"], ["app1"]],
  [
    ["app1-a", "app1-b", "shared-c"],
    ["app1-", "shared-"],
  ],
  [["app1-a", "shared-c"], []],
  [["a-1", "a-2", "b-1", "b-2", "c-1", "d-1"], []],
  [["sq-a", "sq-b", "m-a"], []],
  [["sql"], []],
])("the beginnings of %j are %j", (list, prefixes) => {
  expect(prefixesOf(list)).toEqual(prefixes);
});
