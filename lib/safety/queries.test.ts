import { readdirSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { letPrologue } from "@/lib/azure/kql-literal.pure";
import { analyse, TABLES } from "@/lib/detection/testing/parser";
import { readKql, withoutComments } from "@/lib/kql-files";

// The parser's first analysis takes one to four seconds, and more on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const LOGS = ["readers", "history", "deleted"];
const GRAPH = ["vaults", "policies"];
const query = (name: string) => withoutComments(readKql(`lib/safety/queries/${name}.kql`));
const logQuery = (name: string) => `${letPrologue({ vaults: ["/subscriptions/a"] })}${query(name)}`;

test("every query file is listed here", () => {
  const files = readdirSync("lib/safety/queries").map((file) => file.replace(".kql", ""));
  expect(files.sort()).toEqual([...LOGS, ...GRAPH].sort());
});

test.each(LOGS)("Microsoft's parser has nothing against %s, also where a table is missing", (name) => {
  expect(analyse(logQuery(name), {}).problems).toEqual([]);
  for (const absent of Object.keys(TABLES)) {
    const tables = Object.fromEntries(Object.entries(TABLES).filter(([table]) => table !== absent));
    expect(analyse(logQuery(name), { tables }).problems.filter((problem) => problem.startsWith("Error"))).toEqual([]);
  }
});

const COMMON = {
  id: "string",
  name: "string",
  type: "string",
  subscriptionId: "string",
  properties: "dynamic",
} as const;
const INVENTORY = {
  resources: { ...COMMON, resourceGroup: "string", location: "string", tags: "dynamic" },
  resourcecontainers: COMMON,
  authorizationresources: COMMON,
  policyresources: COMMON,
} as const;

test.each(GRAPH)("Microsoft's parser has nothing against %s, and Resource Graph can page it by id", (name) => {
  const { problems, columns } = analyse(query(name), { tables: INVENTORY });
  expect(problems).toEqual([]);
  expect(columns).toContain("id");
});
