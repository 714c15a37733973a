import type { RuleBody } from "@/lib/detection/rule-export";

/*
 * What the rules do that are installed with Microsoft's earlier solution for honeytokens, written anew from a description
 * of their logic: which operations count, which claims are read, how the name is found, five minutes over five minutes.
 * Their faults are kept on purpose; they are what is measured here. One line is left out in their favour: a filter
 * `TimeGenerated > ago(5m)` beside the rule's own period of five minutes. The period ends five minutes before the run, so
 * that, read by the clock of the run, nothing would be left between the two.
 */

const ALIAS = "HoneyTokens";

/** Platform notices and a list of operations that do not count, among them the export of a key. */
const KEY_IGNORED = [
  "KeyNearExpiryEventGridNotification",
  "KeyExpiredEventGridNotification",
  "KeyNewVersionEventGridNotification",
  "KeyBackup",
  "KeyCreate",
  "KeyList",
  "KeyRestore",
  "KeyResourcePut",
  "KeyResourceGet",
  "KeyResourceList",
  "KeyRecover",
  "KeyGetDeleted",
];

const KEY_QUERY = `
let calls = AzureDiagnostics
| where ResourceType == "VAULTS"
| extend ResourceId = toupper(ResourceId),
    AccountObjectId = tostring(column_ifexists("identity_claim_http_schemas_microsoft_com_identity_claims_objectidentifier_g", "")),
    AccountUPN = tostring(column_ifexists("identity_claim_http_schemas_xmlsoap_org_ws_2005_05_identity_claims_name_s", ""));
let people = calls | where isnotempty(AccountObjectId) | distinct ResourceId, SeenObjectId = AccountObjectId, SeenUPN = AccountUPN;
calls
| where OperationName !in (${KEY_IGNORED.map((name) => `"${name}"`).join(", ")})
| extend HoneyToken = toupper(extract(@"vault\\.azure\\.net/keys/([^?/]+)[?/]", 1, requestUri_s)), ByArm = toupper(extract(@"/vaults/[^/]+/keys/([^?/]+)[?/]", 1, requestUri_s))
| extend HoneyToken = iff(isnotempty(HoneyToken), HoneyToken, ByArm)
| join kind=inner (
    _GetWatchlist('${ALIAS}')
    | where tostring(parse_json(Properties).Type) == "key"
    | project ResourceId = toupper(ResourceId), HoneyToken = toupper(HoneyToken)
) on ResourceId, HoneyToken
| summarize OperationsPerformed = make_set(OperationName), TimeGenerated = max(TimeGenerated) by ResourceId, HoneyToken, CallerIPAddress, AccountObjectId, AccountUPN
| join kind=leftouter people on ResourceId
| extend AccountObjectId = iff(isempty(AccountObjectId), SeenObjectId, AccountObjectId), AccountUPN = iff(isempty(AccountUPN), SeenUPN, AccountUPN)
| extend AccountName = tostring(split(AccountUPN, "@")[0]), UPNSuffix = tostring(split(AccountUPN, "@")[1]),
    Operations = strcat_array(OperationsPerformed, ", ")
| extend Severity = iff(Operations contains "/decrypt?", "High", "Medium")
| project TimeGenerated, ResourceId, HoneyToken, CallerIPAddress, AccountObjectId, AccountName, UPNSuffix, Operations, Severity`;

const SECRET_QUERY = `
AzureDiagnostics
| where ResourceType == "VAULTS"
| where OperationName in ("SecretGet", "SecretDelete")
| extend ResourceId = toupper(ResourceId),
    AccountObjectId = tostring(column_ifexists("identity_claim_oid_g", "")), AccountUPN = tostring(column_ifexists("identity_claim_upn_s", "")),
    HoneyToken = toupper(extract(@"vault\\.azure\\.net/secrets/([^?/]+)[?/]", 1, requestUri_s))
| join kind=inner (
    _GetWatchlist('${ALIAS}')
    | where tostring(parse_json(Properties).Type) == "secret"
    | project ResourceId = toupper(ResourceId), HoneyToken = toupper(HoneyToken)
) on ResourceId, HoneyToken
| summarize OperationsPerformed = make_set(OperationName), TimeGenerated = max(TimeGenerated) by ResourceId, HoneyToken, CallerIPAddress, AccountObjectId, AccountUPN
| extend AccountName = tostring(split(AccountUPN, "@")[0]), UPNSuffix = tostring(split(AccountUPN, "@")[1]),
    Operations = strcat_array(OperationsPerformed, ", "), Severity = "Medium"
| project TimeGenerated, ResourceId, HoneyToken, CallerIPAddress, AccountObjectId, AccountName, UPNSuffix, Operations, Severity`;

/** Both rules about touches, as they are installed. The third one watches settings, which nothing here changes. */
export function upstreamRules(): RuleBody[] {
  return [
    ruleOf("0a7f4a10-1b5e-4f5c-9a4b-5f6d7c8e9a01", "Key of the list used (earlier solution)", KEY_QUERY),
    ruleOf("0a7f4a10-1b5e-4f5c-9a4b-5f6d7c8e9a02", "Secret of the list used (earlier solution)", SECRET_QUERY),
  ];
}

function ruleOf(name: string, displayName: string, query: string): RuleBody {
  return {
    name,
    kind: "Scheduled",
    properties: {
      displayName,
      description: displayName,
      severity: "Medium",
      enabled: true,
      query: query.trim(),
      queryFrequency: "PT5M",
      queryPeriod: "PT5M",
      triggerOperator: "GreaterThan",
      triggerThreshold: 0,
      suppressionDuration: "PT5H",
      suppressionEnabled: false,
      tactics: ["Discovery"],
      techniques: [],
      incidentConfiguration: { createIncident: false },
      eventGroupingSettings: { aggregationKind: "AlertPerResult" },
      alertDetailsOverride: { alertSeverityColumnName: "Severity" },
      customDetails: { HoneyTokenName: "HoneyToken", OperationsPerformed: "Operations" },
      entityMappings: [
        { entityType: "AzureResource", fieldMappings: [{ identifier: "ResourceId", columnName: "ResourceId" }] },
        { entityType: "IP", fieldMappings: [{ identifier: "Address", columnName: "CallerIPAddress" }] },
        { entityType: "Account", fieldMappings: [{ identifier: "AadUserId", columnName: "AccountObjectId" }] },
      ],
    },
  };
}
