import { expect, test, vi } from "vitest";
import { letPrologue } from "@/lib/azure/kql-literal.pure";
import { analyse, TABLES } from "@/lib/detection/testing/parser";
import { readKql, withoutComments } from "@/lib/kql-files";

// The parser's first analysis takes one to four seconds, and more on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

test("Microsoft's parser has nothing against the query", () => {
  const tables: typeof TABLES = {
    ...TABLES,
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
      Status: "string",
      Classification: "string",
      AlertIds: "dynamic",
    },
  };
  const parameters = letPrologue({ Rules: ["a"], From: new Date(0) });
  const query = parameters + withoutComments(readKql("lib/outcomes/queries/alerts.kql"));
  const columns = ["AlertId", "RuleId", "Details", "Classifications"];
  expect(analyse(query, { tables })).toEqual({ problems: [], columns });
});
