import { readdirSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { letPrologue } from "@/lib/azure/kql-literal.pure";
import { readKql, withoutComments } from "@/lib/kql-files";
import { analyse, TABLES } from "./testing/parser";

// The parser's first analysis takes one to four seconds, and more on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const LOGS = {
  ...TABLES,
  SecurityAlert: {
    TimeGenerated: "datetime",
    SystemAlertId: "string",
    AlertType: "string",
    StartTime: "datetime",
    EndTime: "datetime",
    Entities: "string",
    ExtendedProperties: "string",
  },
} as const;

const NOW = new Date("2026-11-22T12:00:00Z");
const PARAMETERS: Record<string, Parameters<typeof letPrologue>[0]> = {
  touches: { arrivedAfter: NOW, arrivedUntil: NOW },
  alerts: { alertsSince: NOW, ruleIds: ["5c1f7a52-0f4e-4a0e-9d0b-7a3b1de5a6c1"] },
};
const query = (name: string) =>
  `${letPrologue(PARAMETERS[name] ?? {})}${withoutComments(readKql(`lib/detection/queries/${name}.kql`))}`;

test.each(Object.keys(PARAMETERS))("Microsoft's parser has nothing against %s", (name) => {
  expect(readdirSync("lib/detection/queries")).toContain(`${name}.kql`);
  for (const watchlist of ["own", "upstream"] as const)
    expect(analyse(query(name), { tables: LOGS, watchlist }).problems).toEqual([]);
});

test.each(Object.keys(PARAMETERS))("%s stands on a workspace that lacks any one of the tables", (name) => {
  for (const absent of Object.keys(LOGS)) {
    const tables = Object.fromEntries(Object.entries(LOGS).filter(([table]) => table !== absent));
    expect(analyse(query(name), { tables }).problems.filter((problem) => problem.startsWith("Error"))).toEqual([]);
  }
});
