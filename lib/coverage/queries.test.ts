import { readdirSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { analyse, TABLES } from "@/lib/detection/testing/parser";
import { readingWatchlist, readKql, withoutComments } from "@/lib/kql-files";

// The parser's first analysis takes one to four seconds, and more on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const LOGS = ["register", "lifecycle", "arrivals", "setting-changes"];
const query = (name: string) =>
  withoutComments(readKql(`lib/${name === "register" ? "register" : "coverage"}/queries/${name}.kql`));

test("every query file is listed here or below", () => {
  const files = readdirSync("lib/coverage/queries").map((file) => file.replace(".kql", ""));
  expect([...files, "register"].sort()).toEqual([...LOGS, "vaults", "assignments"].sort());
});

test.each(LOGS)("Microsoft's parser has nothing against %s, on a new and on an older register", (name) => {
  for (const watchlist of ["own", "upstream"] as const)
    expect(analyse(query(name), { watchlist }).problems).toEqual([]);
});

test.each(LOGS)("%s stands on a workspace that lacks any one of the tables", (name) => {
  for (const absent of Object.keys(TABLES)) {
    const tables = Object.fromEntries(Object.entries(TABLES).filter(([table]) => table !== absent));
    expect(analyse(query(name), { tables }).problems.filter((problem) => problem.startsWith("Error"))).toEqual([]);
  }
});

const INVENTORY = {
  resources: {
    id: "string",
    name: "string",
    type: "string",
    subscriptionId: "string",
    resourceGroup: "string",
    location: "string",
    tags: "dynamic",
    properties: "dynamic",
  },
  resourcecontainers: { id: "string", name: "string", type: "string", subscriptionId: "string", properties: "dynamic" },
  authorizationresources: { id: "string", name: "string", type: "string", properties: "dynamic" },
} as const;

test.each(["vaults", "assignments"])(
  "Microsoft's parser has nothing against %s, and Resource Graph can page it by id",
  (name) => {
    const { problems, columns } = analyse(query(name), { tables: INVENTORY });
    expect(problems).toEqual([]);
    expect(columns).toContain("id");
  },
);

test("the alias reaches every query that reads the register", () => {
  for (const name of ["register", "lifecycle"]) {
    const text = readingWatchlist(query(name), "inventory");
    expect(text).toContain("_GetWatchlist('inventory')");
    expect(text).not.toContain("HoneyTokens");
  }
});
