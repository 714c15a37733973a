import { describe, expect, it } from "vitest";
import { ask, database, rowsOf, table } from "../testing/harness";
import type { Row } from "../types";
import { DAY, HOUR } from "../values/time";
import { minutesAgo, planted, THIEF } from "./planted";

/*
 * Queries of the shapes that published content on vaults and on the activity log has: the same operators in the same
 * places, over planted rows whose answer is known.
 */

const now = minutesAgo(0);

function change(
  age: number,
  caller: string,
  operation: string,
  more: Partial<Record<"ip" | "status" | "body", string>> = {},
): Row {
  const { ip = "198.51.100.4", status = "Success", body = "{}" } = more;
  return [
    now - age,
    caller,
    ip,
    operation,
    status,
    JSON.stringify({ requestbody: body, responseBody: body }),
    "s1",
    `/subscriptions/s1/r/${age}`,
    `c-${age}`,
  ];
}

const assignment = (principal: string) =>
  JSON.stringify({ Properties: { PrincipalId: principal, RoleDefinitionId: "/roles/owner" } });

const rows: Row[] = [
  // Two weeks of a few deletions a day by one person, and a flood by the same person yesterday.
  ...Array.from({ length: 13 }, (_, day) =>
    [0, 1].map((hour) =>
      change((13 - day) * DAY + hour * HOUR + 13 * HOUR, "ana@contoso.test", "Microsoft.Compute/disks/delete"),
    ),
  ).flat(),
  ...Array.from({ length: 40 }, (_, index) =>
    change(13 * HOUR + index * 60_000_000, "ana@contoso.test", "Microsoft.Compute/disks/delete"),
  ),
  ...Array.from({ length: 6 }, (_, index) =>
    change(5 * DAY + index * HOUR, "bob@contoso.test", "Microsoft.Authorization/roleAssignments/write", {
      ip: "10.0.0.1",
      body: assignment("p-old"),
    }),
  ),
  change(2 * HOUR, "bob@contoso.test", "Microsoft.Authorization/roleAssignments/write", {
    ip: "10.0.0.1",
    body: assignment("p-1"),
  }),
  change(3 * HOUR, "eve@contoso.test", "Microsoft.Authorization/roleAssignments/write", {
    ip: "203.0.113.9",
    body: assignment("p-2"),
  }),
  change(4 * HOUR, "eve@contoso.test", "Microsoft.Storage/storageAccounts/listKeys/action", { ip: "203.0.113.9" }),
  change(6 * HOUR, "eve@contoso.test", "Microsoft.Network/networkSecurityGroups/securityRules/write", {
    ip: "203.0.113.9",
    status: "Accepted",
    body: JSON.stringify({ properties: { access: "Allow", destinationPortRange: "3389" } }),
  }),
].sort((a, b) => Number(a[0]) - Number(b[0]));

const activity = database([
  table(
    "AzureActivity",
    "TimeGenerated:datetime Caller:string CallerIpAddress:string OperationNameValue:string ActivityStatusValue:string Properties:string SubscriptionId:string _ResourceId:string CorrelationId:string",
    rows,
    { timeColumn: "TimeGenerated" },
  ),
]);

const NAME_PARTS = "extend Name = tostring(split(Caller, '@', 0)[0]), UPNSuffix = tostring(split(Caller, '@', 1)[0])";

describe("queries of the shapes of published content", () => {
  it("a flood against the baseline of two weeks: make-series, decomposition, expansion, join back", async () => {
    const { rows: found, stats } = await ask(
      `let start = 14d; let step = 1d;
       AzureActivity | where TimeGenerated between (startofday(ago(start)) .. startofday(now())) | where OperationNameValue endswith 'delete'
       | project TimeGenerated, Caller
       | make-series Total = count() on TimeGenerated from startofday(ago(start)) to startofday(now()) step step by Caller
       | extend (marks, score, baseline) = series_decompose_anomalies(Total, 3, -1, 'linefit')
       | mv-expand Total to typeof(double), TimeGenerated to typeof(datetime), marks to typeof(double), score to typeof(double), baseline to typeof(long)
       | where TimeGenerated >= startofday(ago(1d)) | where marks > 0 | project Caller, TimeGenerated, Total, baseline
       | join (AzureActivity | where TimeGenerated > startofday(ago(1d)) | where OperationNameValue endswith 'delete'
           | summarize count(), make_set(OperationNameValue, 100) by bin(TimeGenerated, step), Caller) on TimeGenerated, Caller
       | ${NAME_PARTS} | project Name, UPNSuffix, Total, count_, set_OperationNameValue`,
      activity,
    );
    expect(found).toEqual([["ana", "contoso.test", 40, 40, ["Microsoft.Compute/disks/delete"]]]);
    expect(stats.approximate).toEqual(["series_decompose_anomalies"]);
  });

  it("a caller who grants rights from an address never used for it: rightanti against a baseline", async () => {
    expect(
      await rowsOf(
        `let created = AzureActivity | where OperationNameValue =~ 'microsoft.authorization/roleassignments/write';
         created | where TimeGenerated between (ago(14d) .. ago(1d)) | summarize count() by CallerIpAddress, Caller, bin(TimeGenerated, 1d) | where count_ >= 5
         | join kind = rightanti (
             created | where TimeGenerated > ago(1d) | extend body = tostring(parse_json(Properties).requestbody)
             | extend Principal = case(body has_cs 'PrincipalId', parse_json(body).Properties.PrincipalId, body has_cs 'principalId', parse_json(body).properties.principalId, '')
             | summarize StartTime = min(TimeGenerated), Ids = make_set(CorrelationId), n = count() by CallerIpAddress, Caller, tostring(Principal)
           ) on CallerIpAddress, Caller
         | ${NAME_PARTS} | project Name, CallerIpAddress, Principal, n`,
        activity,
      ),
    ).toEqual([["eve", "203.0.113.9", "p-2", 1]]);
  });

  it("rare operations in a list or by their ending, and what a rule opened", async () => {
    const rare = `let list = dynamic(['microsoft.compute/snapshots/write']);
      AzureActivity | where OperationNameValue in~ (list) or OperationNameValue hassuffix 'listkeys/action' | where ActivityStatusValue =~ 'success' | project Caller`;
    expect(await rowsOf(rare, activity)).toEqual([["eve@contoso.test"]]);
    const opened = `AzureActivity | where TimeGenerated >= ago(7d)
      | where OperationNameValue has_any ('securityRules', 'firewallrules') and OperationNameValue endswith 'write' | where ActivityStatusValue == 'Accepted'
      | extend parsed = parse_json(tostring(parse_json(Properties).responseBody)).properties
      | extend access = case(Properties has_cs 'access', tostring(parsed.access), ''), port = case(Properties has_cs 'destinationPortRange', tostring(parsed.destinationPortRange), '')
      | summarize StartTime = min(TimeGenerated), Ids = make_set(_ResourceId, 100) by Caller, access, port | project Caller, access, port, array_length(Ids)`;
    expect(await rowsOf(opened, activity)).toEqual([["eve@contoso.test", "Allow", "3389", 1]]);
  });

  it("a model of who does what where: functions of tables, columns by name, ranks", async () => {
    const found = await rowsOf(
      `let share = (tbl: (*), a: string, b: string) {
         let T = tbl | extend _A = column_ifexists(a, ''), _B = column_ifexists(b, '');
         let all = toscalar(T | count);
         T | summarize n = count() by _A, _B | extend P = todouble(n) / all | project _A, _B, floor(P, 0.001)
       };
       let events = materialize(AzureActivity | where isnotempty(CallerIpAddress) | extend mask = format_ipv4_mask(CallerIpAddress, 16), timeSlice = floor(TimeGenerated, 1d));
       let model = events | where TimeGenerated < ago(1d) | summarize firstSeen = min(timeSlice), firstKeys = minif(timeSlice, OperationNameValue endswith 'action') by Caller, mask;
       events | where TimeGenerated > ago(1d)
       | join kind = leftouter (model | summarize seen = min(firstSeen) by Caller) on Caller
       | join kind = leftouter (events | invoke share('Caller', 'mask') | sort by P desc | extend place = row_rank(P)) on $left.Caller == $right._A
       | extend newCaller = iff(isempty(seen), 1, 0)
       | summarize max(newCaller), take_any(mask), min(place) by Caller | sort by Caller asc`,
      activity,
    );
    expect(found).toEqual([
      ["ana@contoso.test", 0, "198.51.0.0/16", 1],
      ["bob@contoso.test", 0, "10.0.0.0/16", 2],
      ["eve@contoso.test", 1, "203.0.0.0/16", 3],
    ]);
  });

  it("mass retrieval by one caller: a named step that a scalar of itself narrows", async () => {
    expect(
      await rowsOf(
        `let threshold = 2; let operations = dynamic(['SecretGet', 'KeyGet']);
         AzureDiagnostics | where OperationName in (operations) and ResourceProvider =~ 'microsoft.keyvault'
         | extend ResultType = column_ifexists('ResultType', ''), caller = column_ifexists('identity_claim_oid_g', ''), upn = column_ifexists('identity_claim_upn_s', 'none')
         | as _Retrievals
         | where caller in (toscalar(_Retrievals | where ResultType == 'Success' | summarize Count = count() by OperationName, caller | where Count > threshold | summarize make_set(caller)))
         | summarize EventCount = count(), Uris = make_set(requestUri_s, 50), AddressMax = max(CallerIPAddress) by caller, upn
         | project-reorder EventCount, caller | extend Account = caller | project EventCount, Account, AddressMax, upn, array_length(Uris)`,
        planted,
      ),
    ).toEqual([[4, THIEF, "203.0.113.9", "none", 4]]);
  });

  it("what needs a download or an address database is refused by its name", async () => {
    const roles =
      "let roles = externaldata(Role: string) [@'https://example.test/roles.csv'] with (format = 'csv'); AzureActivity | join kind=inner roles on $left.Caller == $right.Role";
    await expect(rowsOf(roles, activity)).rejects.toMatchObject({
      code: "NotSupported",
      message: expect.stringContaining("externaldata"),
    });
    const where = "AzureActivity | extend Place = geo_info_from_ip_address(CallerIpAddress).country";
    await expect(rowsOf(where, activity)).rejects.toMatchObject({
      code: "NotSupported",
      message: expect.stringContaining("geo_info_from_ip_address"),
    });
    await expect(rowsOf("AzureActivity | evaluate autocluster()", activity)).rejects.toMatchObject({
      message: expect.stringContaining("autocluster"),
    });
  });
});
