/** A query of the bench. `loop` names the plain loop that answers the same, where one is written. */
interface BenchQuery {
  name: string;
  text: string;
  loop?: "touches" | "burst" | "operations";
}

const TOKENS = "let tokens = _GetWatchlist('HoneyTokens') | project TokenKey, State;";
const OBJECT = `(?i)^https://[^/]+/(?:deleted)?(secrets|keys|certificates)/([0-9a-z-]{1,127})`;
const ENTRIES = `AzureDiagnostics | where ResourceProvider == 'MICROSOFT.KEYVAULT' and Category == 'AuditEvent'`;

/**
 * Queries of the kinds that a decoy's rules, hunts and boards are made of. Most look at a day of thirty, as rules do; those
 * that need a baseline look at all.
 */
export const QUERIES: readonly BenchQuery[] = [
  {
    name: "decoy touched, a day",
    loop: "touches",
    text: `${TOKENS} ${ENTRIES} and TimeGenerated > ago(1d)
      | extend Kind = tolower(extract(@'${OBJECT}', 1, requestUri_s)), Name = tolower(extract(@'${OBJECT}', 2, requestUri_s))
      | extend TokenKey = strcat(tolower(ResourceId), '/', Kind, '/', Name)
      | join kind=inner tokens on TokenKey
      | project TimeGenerated, OperationName, CallerIPAddress, identity_claim_oid_g, TokenKey`,
  },
  {
    name: "decoy touched, by ingestion",
    text: `${TOKENS} AzureDiagnostics | where ingestion_time() > ago(1h)
      | extend Name = tolower(extract(@'${OBJECT}', 2, requestUri_s))
      | extend TokenKey = strcat(tolower(ResourceId), '/secrets/', Name) | join kind=inner tokens on TokenKey | count`,
  },
  {
    name: "mass enumeration, a day",
    text: `AzureDiagnostics | where TimeGenerated > ago(1d) | where OperationName in ('SecretGet', 'KeyGet')
      | summarize Names = dcount(requestUri_s), Vaults = dcount(ResourceId) by identity_claim_oid_g, bin(TimeGenerated, 1d)
      | where Names > 8 | top 10 by Names`,
  },
  {
    name: "denied burst, a day",
    loop: "burst",
    text: `AzureDiagnostics | where TimeGenerated > ago(1d) and httpStatusCode_d == 403
      | summarize Denied = count(), (Last, Uri) = arg_max(TimeGenerated, requestUri_s) by identity_claim_oid_g, bin(TimeGenerated, 10m)
      | where Denied >= 2`,
  },
  {
    name: "address first seen today",
    text: `let known = AzureDiagnostics | where TimeGenerated between (ago(14d) .. ago(1d)) | distinct CallerIPAddress;
      AzureDiagnostics | where TimeGenerated > ago(1d) | join kind=leftanti known on CallerIPAddress
      | summarize Operations = make_set(OperationName, 20) by CallerIPAddress`,
  },
  {
    name: "parse and regex, all rows",
    text: `AzureDiagnostics | parse requestUri_s with 'https://' Host '/' Kind '/' Name '/' *
      | where Name matches regex @'^app-setting-(1|2)\\d$' | summarize count() by Host, Kind | top 15 by count_`,
  },
  {
    name: "fuzzy union of three, a day",
    text: `union isfuzzy=true (AzureDiagnostics | extend Vault = tolower(ResourceId), Status = toint(httpStatusCode_d)),
        (AZKVAuditLogs | extend Vault = tolower(_ResourceId), Status = HttpStatusCode), (AZKVPolicyEvaluationDetailsLogs | extend Vault = '')
      | where TimeGenerated > ago(1d) | summarize Newest = max(TimeGenerated), Failed = countif(Status >= 400) by Vault | top 25 by Failed`,
  },
  {
    name: "make-series with anomalies",
    text: `AzureDiagnostics | where OperationName == 'SecretGet'
      | make-series Reads = count() on TimeGenerated from startofday(ago(14d)) to now() step 1h
      | extend (Flags, Score, Baseline) = series_decompose_anomalies(Reads, 2.5, -1, 'linefit')
      | mv-expand Reads, Flags, TimeGenerated | where toint(Flags) != 0 | count`,
  },
  {
    name: "entities of open incidents",
    text: `SecurityIncident | summarize arg_max(LastModifiedTime, *) by IncidentNumber | where Status != 'Closed'
      | mv-expand AlertId = AlertIds to typeof(string) | join kind=inner SecurityAlert on $left.AlertId == $right.SystemAlertId
      | mv-expand Entity = parse_json(Entities) | where tostring(Entity.Type) == 'ip'
      | summarize Incidents = dcount(IncidentNumber) by Address = tostring(Entity.Address)`,
  },
  {
    name: "activity near a read",
    text: `AzureDiagnostics | where TimeGenerated > ago(1d) and OperationName == 'SecretGet'
      | project ReadAt = TimeGenerated, CallerIPAddress, requestUri_s
      | join kind=inner (AzureActivity | project ChangedAt = TimeGenerated, CallerIpAddress, Caller) on $left.CallerIPAddress == $right.CallerIpAddress
      | where ReadAt between (ChangedAt .. 2h) | summarize count() by Caller`,
  },
  {
    name: "mv-apply, best two each",
    text: `AzureDiagnostics | where TimeGenerated > ago(1d)
      | summarize Uses = make_list(bag_pack('operation', OperationName, 'milliseconds', DurationMs), 100) by identity_claim_oid_g
      | mv-apply Use = Uses on (top 2 by tolong(Use.milliseconds) desc | project Operation = tostring(Use.operation)) | count`,
  },
  {
    name: "bag_unpack of a table",
    text: `datatable(Id: long, Bag: dynamic) [1, dynamic({"a": 1, "b": "x"}), 2, dynamic({"a": 2, "c": true})] | evaluate bag_unpack(Bag)`,
  },
  {
    name: "scores by lookup, all rows",
    text: `let weights = datatable(OperationName: string, Weight: long) ['SecretGet', 1, 'KeySign', 3, 'SecretSet', 5];
      let all = toscalar(AzureDiagnostics | count);
      AzureDiagnostics | lookup kind=leftouter weights on OperationName
      | summarize Score = sum(coalesce(Weight, 0)), Share = 100.0 * count() / all by ResourceId | top 3 by Score`,
  },
  {
    name: "diagnostic setting off",
    text: `AzureActivity | where OperationNameValue has 'diagnosticSettings' and ActivityStatusValue =~ 'success'
      | extend Body = parse_json(tostring(parse_json(Properties).requestbody))
      | mv-apply Log = Body.properties.logs on (summarize Off = countif(tobool(Log.enabled) == false))
      | where OperationNameValue endswith 'delete' or Off > 0 | count`,
  },
  {
    name: "key used, an hour",
    text: `AzureDiagnostics | where TimeGenerated > ago(1h) | where OperationName startswith 'Key'
      | extend Name = tostring(split(requestUri_s, '/')[4]) | project TimeGenerated, Name, CallerIPAddress`,
  },
  {
    name: "mass retrieval, all rows",
    text: `AzureDiagnostics | where OperationName in ('SecretGet', 'KeyGet') | where isnotempty(CallerIPAddress)
      | summarize Start = min(TimeGenerated), End = max(TimeGenerated), Reads = count(), Uris = make_set(requestUri_s, 100)
          by identity_claim_oid_g, CallerIPAddress, ResourceId
      | where Reads > 1 | count`,
  },
  {
    name: "sensitive operations, all rows",
    loop: "operations",
    text: `AzureDiagnostics | where OperationName in~ ('SecretSet', 'KeySign', 'VaultGet')
      | summarize Count = count(), First = min(TimeGenerated), Last = max(TimeGenerated) by OperationName, identity_claim_oid_g`,
  },
  {
    name: "application never seen",
    text: `let known = AzureDiagnostics | where TimeGenerated < ago(1d) | summarize by identity_claim_appid_g;
      known | join kind=rightanti (AzureDiagnostics | where TimeGenerated > ago(1d) | summarize count() by identity_claim_appid_g) on identity_claim_appid_g`,
  },
  {
    name: "delete after write, self join",
    text: `AzureActivity | where OperationNameValue endswith 'WRITE' | project WrittenAt = TimeGenerated, Caller, _ResourceId
      | join kind=inner (AzureActivity | where OperationNameValue endswith 'DELETE' | project DeletedAt = TimeGenerated, Caller) on Caller
      | where DeletedAt > WrittenAt | summarize count() by Caller`,
  },
  {
    name: "newest row per vault, an hour",
    text: `union (AzureDiagnostics | project TimeGenerated, Vault = tolower(ResourceId)), (AZKVAuditLogs | project TimeGenerated, Vault = tolower(_ResourceId))
      | where TimeGenerated > ago(1h) | summarize max(TimeGenerated) by Vault`,
  },
];
