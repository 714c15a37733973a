import { readdirSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { letPrologue } from "@/lib/azure/kql-literal.pure";
import { analyse, TABLES } from "@/lib/detection/testing/parser";
import { INCIDENT_QUERIES, incidentQuery } from "./internal/incident-batch";

// The parser's first analysis takes one to four seconds, and more on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const PARAMETERS = letPrologue({
  callers: ["a", '"] | take 1'],
  touched: ["/subscriptions/s/vaults/v/secrets/n"],
  vaults: ["/subscriptions/s/vaults/v"],
  named: ["/subscriptions/s/vaults/v"],
  at: new Date(0),
  firstTouch: new Date(0),
  windowFrom: new Date(0),
  windowTo: new Date(1),
  since: new Date(0),
  upTo: new Date(1),
});

test("every query of an incident's page is listed", () => {
  const files = readdirSync("lib/incidents/queries").filter((file) => file.startsWith("incident-"));
  expect(files.sort()).toEqual(INCIDENT_QUERIES.map((name) => `incident-${name}.kql`).sort());
});

test.each(INCIDENT_QUERIES)("Microsoft's parser has nothing against %s", (name) => {
  expect(analyse(PARAMETERS + incidentQuery(name)).problems).toEqual([]);
});

test.each(INCIDENT_QUERIES)("%s stands on a workspace that lacks one of the tables", (name) => {
  for (const absent of Object.keys(TABLES)) {
    const tables = Object.fromEntries(Object.entries(TABLES).filter(([table]) => table !== absent));
    const { problems } = analyse(PARAMETERS + incidentQuery(name), { tables });
    expect(problems.filter((problem) => problem.startsWith("Error"))).toEqual([]);
  }
});
