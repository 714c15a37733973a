import { describe, expect, it } from "vitest";
import { ask, rowsOf } from "../testing/harness";
import { APP, minutesAgo, planted, THIEF, VAULT_A, VAULT_B } from "./planted";

const TOUCHES = `
let look = 5m; let slack = 2h;
let tokens = _GetWatchlist('HoneyTokens') | project TokenKey = tolower(TokenKey), State, Planter = tolower(PlanterOid);
let nameOf = (uri: string) { tolower(extract(@'(?i)^https://[^/]+/(?:deleted)?(secrets|keys|certificates)/([0-9a-z-]{1,127})', 2, uri)) };
let kindOf = (uri: string) { tolower(extract(@'(?i)^https://[^/]+/(?:deleted)?(secrets|keys|certificates)/([0-9a-z-]{1,127})', 1, uri)) };
union isfuzzy=true
  (AzureDiagnostics
   | where TimeGenerated > ago(look + slack) and ingestion_time() > ago(look)
   | where ResourceProvider == 'MICROSOFT.KEYVAULT' and Category == 'AuditEvent'
   | project TimeGenerated, OperationName, Status = toint(column_ifexists('httpStatusCode_d', real(null))),
       Uri = column_ifexists('requestUri_s', ''), Ip = CallerIPAddress,
       Oid = tostring(column_ifexists('identity_claim_oid_g', '')), VaultId = tolower(ResourceId), CorrelationId),
  (AZKVAuditLogs
   | where TimeGenerated > ago(look + slack) and ingestion_time() > ago(look)
   | project TimeGenerated, OperationName, Status = HttpStatusCode, Uri = RequestUri, Ip = CallerIpAddress,
       Oid = tostring(Identity.claim.oid), VaultId = tolower(_ResourceId), CorrelationId),
  (AZKVPolicyEvaluationDetailsLogs | project TimeGenerated)
| where OperationName != 'Authentication' and OperationName !endswith 'EventGridNotification'
| extend TokenKey = strcat(VaultId, '/', kindOf(Uri), '/', nameOf(Uri))
| join kind=inner tokens on TokenKey
| where not(isnotempty(Planter) and tolower(Oid) == Planter and OperationName in ('SecretSet', 'KeyCreate'))`;

describe("queries on decoys and incidents, over planted rows", () => {
  it("finds every touch in both log tables by ingestion, and nothing else", async () => {
    expect(
      await rowsOf(
        `${TOUCHES} | project OperationName, Status, Ip, Oid, TokenKey | order by OperationName asc`,
        planted,
      ),
    ).toEqual([
      ["KeyGet", 403, "198.51.100.7", THIEF, `${VAULT_B}/keys/payments-root`],
      ["KeySign", 200, "198.51.100.7", THIEF, `${VAULT_B}/keys/payments-root`],
      ["SecretGet", 200, "203.0.113.9", THIEF, `${VAULT_A}/secrets/sql-admin-pw`],
    ]);
  });

  it("makes one row per caller and vault, with the decoys as a list and the worst severity", async () => {
    const rows = await rowsOf(
      `${TOUCHES}
       | extend Level = case(OperationName in ('SecretGet', 'KeySign') and Status < 400, 3, Status in (401, 403), 2, 1)
       | summarize Touches = count(), Worst = max(Level), Decoys = make_set(TokenKey, 50), First = min(TimeGenerated) by Oid, VaultId
       | extend Severity = case(Worst == 3, 'High', Worst == 2, 'Medium', 'Low')
       | project VaultId, Severity, Touches, Decoys, First
       | order by VaultId asc`,
      planted,
    );
    expect(rows).toEqual([
      [VAULT_A, "High", 1, [`${VAULT_A}/secrets/sql-admin-pw`], minutesAgo(41)],
      [VAULT_B, "High", 2, [`${VAULT_B}/keys/payments-root`], minutesAgo(15)],
    ]);
  });

  it("reads the register, newest form of each row", async () => {
    const rows = await rowsOf(
      `_GetWatchlist('HoneyTokens')
       | where State in~ ('Live', 'planting')
       | extend Kind = tostring(parse_json(Properties).Type)
       | summarize arg_max(LastUpdatedTimeUTC, *) by TokenKey
       | project HoneyToken, Kind
       | sort by HoneyToken asc`,
      planted,
    );
    expect(rows).toEqual([
      ["payments-root", "key"],
      ["sql-admin-pw", "secret"],
    ]);
  });

  it("gives each watchlist its own columns, and refuses another's", async () => {
    expect(await rowsOf("_GetWatchlist('VIPUsers') | project Upn", planted)).toEqual([["eve@contoso.test"]]);
    await expect(rowsOf("_GetWatchlist('VIPUsers') | project HoneyToken", planted)).rejects.toMatchObject({
      code: "KS142",
    });
  });

  it("says when the newest row of each vault and table came", async () => {
    const rows = await rowsOf(
      `union withsource=Source
         (AzureDiagnostics | where Category == 'AuditEvent' | extend Vault = tolower(ResourceId) | project TimeGenerated, Vault),
         (AZKVAuditLogs | extend Vault = tolower(_ResourceId) | project TimeGenerated, Vault)
       | summarize Newest = max(TimeGenerated), Rows = count() by Vault
       | extend Silent = Newest < ago(30m)
       | order by Vault asc`,
      planted,
    );
    expect(rows).toEqual([
      [VAULT_A, minutesAgo(20), 9, false],
      [VAULT_B, minutesAgo(14), 3, false],
    ]);
  });

  it("finds a burst of denied reads by one caller", async () => {
    const rows = await rowsOf(
      `AzureDiagnostics
       | where TimeGenerated > ago(1h)
       | where ResultSignature == 'Forbidden' or httpStatusCode_d == 403
       | summarize Denied = count(), Names = dcount(requestUri_s), (Last, Uri) = arg_max(TimeGenerated, requestUri_s)
           by identity_claim_oid_g, bin(TimeGenerated, 10m)
       | where Denied >= 3
       | project identity_claim_oid_g, Denied, Names, Last, Uri, Slot = TimeGenerated`,
      planted,
    );
    const uri = "https://kv-a.vault.azure.net/secrets/x3/?api-version=7.4";
    expect(rows).toEqual(
      [[THIEF, 2, 2, minutesAgo(28), uri, minutesAgo(30)]].map((row) => [row[0], 3, 3, row[3], row[4], row[5]]),
    );
  });

  it("names addresses that were never seen before the last hour", async () => {
    const rows = await rowsOf(
      `let known = AzureDiagnostics | where TimeGenerated < ago(1h) | distinct CallerIPAddress;
       AzureDiagnostics
       | where TimeGenerated >= ago(1h) and isnotempty(CallerIPAddress)
       | where not(ipv4_is_private(CallerIPAddress))
       | join kind=leftanti known on CallerIPAddress
       | summarize Operations = make_set(OperationName), Callers = dcountif(identity_claim_oid_g, isnotempty(identity_claim_oid_g)) by CallerIPAddress`,
      planted,
    );
    expect(rows).toEqual([["203.0.113.9", ["Authentication", "SecretGet"], 1]]);
  });

  it("sees a diagnostic setting deleted, or written with the audit log off", async () => {
    const rows = await rowsOf(
      `AzureActivity
       | where OperationNameValue has 'diagnosticSettings' and ActivityStatusValue =~ 'success'
       | extend Deleted = OperationNameValue endswith '/delete'
       | extend Body = parse_json(tostring(parse_json(Properties).requestbody))
       | mv-apply Log = Body.properties.logs on (
           summarize Off = countif(tostring(Log.category) == 'AuditEvent' and tobool(Log.enabled) == false))
       | where Deleted or Off > 0
       | project Caller, Deleted, Off, Vault = tostring(split(_ResourceId, '/providers/microsoft.insights')[0])`,
      planted,
    );
    expect(rows).toEqual([
      ["mallory@contoso.test", true, 0, VAULT_A],
      ["kim@contoso.test", false, 1, VAULT_B],
    ]);
  });

  it("takes the last state of each incident and joins its alerts", async () => {
    const rows = await rowsOf(
      `SecurityIncident
       | summarize arg_max(LastModifiedTime, *) by IncidentNumber
       | where Status != 'Closed'
       | mv-expand AlertId = AlertIds to typeof(string)
       | join kind=leftouter (SecurityAlert | project SystemAlertId, AlertName, AlertSeverity) on $left.AlertId == $right.SystemAlertId
       | extend OwnerName = tostring(Owner.assignedTo)
       | summarize Alerts = make_list(AlertName), Severities = make_set(AlertSeverity) by IncidentNumber, Status, OwnerName`,
      planted,
    );
    expect(rows).toEqual([
      [7, "Active", "Ana", ["HoneyTokens: secret touched", "HoneyTokens: key touched"], ["High", "Medium"]],
    ]);
  });

  it("draws addresses and accounts out of the entities of alerts", async () => {
    const rows = await rowsOf(
      `SecurityAlert
       | extend Details = todynamic(tostring(parse_json(ExtendedProperties)['Custom Details']))
       | mv-expand Entity = parse_json(Entities)
       | extend Kind = tostring(Entity.Type)
       | where Kind in ('ip', 'account')
       | extend Value = iff(Kind == 'ip', tostring(Entity.Address), strcat(Entity.Name, '@', Entity.UPNSuffix))
       | project SystemAlertId, Kind, Value, Decoy = tostring(Details.Decoy[0])`,
      planted,
    );
    expect(rows).toEqual([
      ["a-1", "ip", "203.0.113.9", "sql-admin-pw"],
      ["a-1", "account", "eve@contoso.test", "sql-admin-pw"],
    ]);
  });

  it("shows what else the caller of a touch did around it", async () => {
    const rows = await rowsOf(
      `let touched = datetime(2026-09-15 11:19:00); let caller = '${THIEF}';
       AzureDiagnostics
       | where TimeGenerated between ((touched - 30m) .. (touched + 30m))
       | where identity_claim_oid_g =~ caller
       | parse requestUri_s with 'https://' Host '/' Collection '/' Name '/' *
       | order by TimeGenerated asc
       | extend Gap = TimeGenerated - prev(TimeGenerated), Step = row_number()
       | project Step, OperationName, Host, Name, Gap, Ok = ResultSignature == 'OK'`,
      planted,
    );
    const minute = 60_000_000;
    expect(rows).toEqual([
      [1, "SecretGet", "kv-a.vault.azure.net", "SQL-admin-pw", null, true],
      [2, "SecretGet", "kv-a.vault.azure.net", "x1", 11 * minute, false],
      [3, "SecretGet", "kv-a.vault.azure.net", "x2", minute, false],
      [4, "SecretGet", "kv-a.vault.azure.net", "x3", minute, false],
    ]);
  });

  it("scores callers against a table of weights, with a scalar from another query", async () => {
    const rows = await rowsOf(
      `let weights = datatable(OperationName: string, Weight: long) ['SecretGet', 3, 'KeySign', 5];
       let all = toscalar(AzureDiagnostics | where OperationName == 'SecretGet' | count);
       AzureDiagnostics
       | where OperationName != 'Authentication'
       | lookup kind=leftouter weights on OperationName
       | extend Weight = coalesce(Weight, 0)
       | summarize Score = sum(Weight), Share = round(100.0 * countif(OperationName == 'SecretGet') / all, 1) by identity_claim_oid_g
       | where Score > 0
       | top 2 by Score desc`,
      planted,
    );
    expect(rows).toEqual([
      [THIEF, 12, 66.7],
      [APP, 6, 33.3],
    ]);
  });

  it("reads only the rows that a leading time filter can keep", async () => {
    const { rows, stats } = await ask("AzureDiagnostics | where TimeGenerated > ago(45m) | count", planted);
    expect(rows).toEqual([[6]]);
    expect(stats.rowsTouched).toBe(6);
  });
});
