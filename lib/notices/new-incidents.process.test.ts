import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { letPrologue } from "@/lib/azure/kql-literal.pure";
import { startTenant, type TestTenant } from "@/lib/coverage/testing/tenant";
import { ruleBodies, ruleIds, ruleIdsAboutAccess } from "@/lib/detection/rule-export";
import { readKql } from "@/lib/kql-files";

/* The query of new incidents over alerts made for the case, evaluated by the simulated workspace. */

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await startTenant("--vaults", "3", "--seed", "1");
});

afterAll(() => tenant?.stop());

const AT = "datetime(2026-11-20T10:00:00Z)";
const WORKSPACE = "00000000-0000-4000-8000-000000000001";
const idOf = (file: string) => ruleBodies().find((rule) => rule.file === file)?.name ?? expect.fail(`no rule ${file}`);

/** An alert of a rule about a vault. */
function alert(rule: string, vault: string): string {
  const entities = JSON.stringify([{ Type: "azure-resource", ResourceId: vault }]);
  const properties = JSON.stringify({ "Custom Details": JSON.stringify({ Caller: ["somebody"] }) });
  return `${AT}, 'alert-${vault}', '${WORKSPACE}_${idOf(rule)}', '${properties.replaceAll("\\", "\\\\")}', '${entities}'`;
}

test("of the vaults of one incident those count as touched that an alert about access names", async () => {
  const about = {
    "honeytoken-touched": "kv-touched",
    "honeytoken-list-then-get": "kv-read",
    "honeytoken-vault-silent": "kv-silent",
    "honeytoken-tampering": "kv-changed",
  };
  const alerts = Object.entries(about).map(([rule, vault]) => alert(rule, vault));
  const held = JSON.stringify(Object.values(about).map((vault) => `alert-${vault}`));
  const query = [
    `let SecurityAlert = datatable(TimeGenerated: datetime, SystemAlertId: string, AlertType: string, ExtendedProperties: string, Entities: string)[${alerts.join(",\n")}];`,
    `let SecurityIncident = datatable(TimeGenerated: datetime, IncidentName: string, AlertIds: dynamic)[${AT}, 'i1', dynamic(${held})]
      | extend IncidentNumber = 1, Severity = 'High', Status = 'New', CreatedTime = TimeGenerated, RelatedAnalyticRuleIds = dynamic([]);`,
    letPrologue({
      ruleIds: ruleIds(),
      accessRuleIds: ruleIdsAboutAccess(),
      since: new Date("2026-11-19T00:00:00Z"),
    }),
    readKql("lib/notices/queries/new-incidents.kql"),
    "| project Vaults = tostring(array_sort_asc(Vaults)), Touched = tostring(array_sort_asc(TouchedVaults))",
  ].join("\n");
  const answer = await fetch(`${tenant.url}/sim/query`, { method: "POST", body: JSON.stringify({ query }) });
  const { rows } = z.object({ rows: z.array(z.array(z.string())) }).parse(await answer.json());
  expect(rows.map((row) => row.map((text) => JSON.parse(text)))).toEqual([
    [
      ["kv-changed", "kv-read", "kv-silent", "kv-touched"],
      ["kv-read", "kv-touched"],
    ],
  ]);
});
