import { readdirSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { letPrologue } from "@/lib/azure/kql-literal.pure";
import { analyse, TABLES } from "@/lib/detection/testing/parser";
import { readKql, withoutComments } from "@/lib/kql-files";

// The parser's first analysis takes one to four seconds, and more on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

type Tables = typeof TABLES;
/** The columns that the queries of drills read beside those of the rules. Source: Microsoft's reference of these tables. */
const WORKSPACE: Tables = {
  ...TABLES,
  AZKVAuditLogs: { ...TABLES.AZKVAuditLogs, IsAddressAuthorized: "bool" },
  SecurityAlert: {
    TimeGenerated: "datetime",
    SystemAlertId: "string",
    AlertType: "string",
    ExtendedProperties: "string",
  },
  SecurityIncident: {
    TimeGenerated: "datetime",
    LastModifiedTime: "datetime",
    IncidentName: "string",
    IncidentNumber: "int",
    CreatedTime: "datetime",
    AlertIds: "dynamic",
  },
};
const FILES = readdirSync("lib/drills/queries").map((file) => file.replace(".kql", ""));
const PARAMETERS = letPrologue({ Caller: "99999999-0000-4000-8000-000000000001", From: new Date(0) });
const query = (name: string) => PARAMETERS + withoutComments(readKql(`lib/drills/queries/${name}.kql`));

test.each(FILES)("Microsoft's parser has nothing against %s", (name) => {
  expect(analyse(query(name), { tables: WORKSPACE }).problems).toEqual([]);
});

test("touches are read where one of the tables was never made", () => {
  for (const absent of ["AzureDiagnostics", "AZKVAuditLogs"]) {
    const tables = Object.fromEntries(Object.entries(WORKSPACE).filter(([table]) => table !== absent));
    expect(analyse(query("touches"), { tables }).problems.filter((one) => one.startsWith("Error"))).toEqual([]);
  }
});
