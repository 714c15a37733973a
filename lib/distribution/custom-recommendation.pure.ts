import { kqlString } from "@/lib/azure/kql-literal.pure";
import type { PolicyNames } from "./policies.pure";

/**
 * The query of a custom recommendation of Microsoft Defender for Cloud, for who has the plan Defender CSPM: it says the
 * same of each vault as the audit policy. Columns and values are those that Defender asks for, `HealthStatus` in
 * capitals, and it returns every vault, not only the unhealthy ones. A tag's name is looked up as it is written here.
 */
export function customRecommendation({ tagName, reviewed }: Pick<PolicyNames, "tagName" | "reviewed">): string {
  return `RawEntityMetadata
| where Environment == "Azure" and Identifiers.Type =~ "Microsoft.KeyVault/vaults"
| extend Review = tostring(Record.tags[${kqlString(tagName)}])
| extend HealthStatus = iff(Review =~ ${kqlString(reviewed)}, "HEALTHY", "UNHEALTHY")
| project Id, Name, Environment, Identifiers, AdditionalData, Record, HealthStatus
`;
}
