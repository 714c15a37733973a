import type { AlertEntity } from "../documents";
import type { ResultRow } from "./result-rows";
import type { RuleSettings } from "./rule-settings";

/*
 * Limits and habits of entity mapping: Microsoft Learn, "Map data fields to Microsoft Sentinel entities" and "Microsoft
 * Sentinel service limits".
 */

/** Entities of one alert at most, shared evenly by the rule's mappings. */
const ENTITIES_MAX = 500;
/** Bytes of an alert's entities at most; what goes beyond is dropped. */
const BYTES_MAX = 64 * 1024;

/** Entity types of a rule as alerts spell them; the others are the same in lower case. */
const TYPES: Readonly<Record<string, string>> = {
  azureresource: "azure-resource",
  cloudapplication: "cloud-application",
  registrykey: "registry-key",
  registryvalue: "registry-value",
  securitygroup: "security-group",
  mailcluster: "mailCluster",
  mailmessage: "mailMessage",
  submissionmail: "submissionMail",
};

/** Names that belong to no one person and are therefore dropped. */
const NOBODY: ReadonlySet<string> = new Set([
  ...["admin", "administrator", "system", "null", "anonymous", "authenticatedusers", "everyone", "guest", "root"],
  ...["network service", "local service", "network", "local system", "n/a", "-", "undefined", "unknown"],
]);

/** The type of a mapping in the spelling of alerts. */
export function alertEntityType(entityType: string): string {
  const lower = entityType.toLowerCase();
  return TYPES[lower] ?? lower;
}

/** The entities that a rule's mappings find in rows, each once, in the order of the mappings. */
export function entitiesOf({ entityMappings }: RuleSettings, rows: readonly ResultRow[]): AlertEntity[] {
  const mappings = entityMappings ?? [];
  if (mappings.length === 0) return [];
  const share = Math.floor(ENTITIES_MAX / mappings.length);
  const all = mappings.flatMap((mapping) => mapped(mapping, rows, share));
  return withinBytes(distinct(all));
}

function mapped(
  { entityType, fieldMappings }: NonNullable<RuleSettings["entityMappings"]>[number],
  rows: readonly ResultRow[],
  most: number,
): AlertEntity[] {
  const type = alertEntityType(entityType);
  const entities = rows.flatMap((row) => {
    const fields: Record<string, string> = {};
    for (const { identifier, columnName } of fieldMappings) {
      const value = row.text(columnName).trim();
      if (value !== "") fields[identifier] = value;
    }
    const kept = type === "account" ? account(fields) : fields;
    return Object.keys(kept).length > 0 ? [{ type, fields: kept }] : [];
  });
  return distinct(entities).slice(0, most);
}

/** `Name` holds the part before the @ only, and never a name that is nobody's. */
function account(fields: Record<string, string>): Record<string, string> {
  const { Name: name, ...rest } = fields;
  if (name === undefined) return fields;
  const at = name.indexOf("@");
  const prefix = at > 0 ? name.slice(0, at) : name;
  if (NOBODY.has(prefix.toLowerCase())) return withoutSuffix(rest);
  const suffix = at > 0 ? { UPNSuffix: name.slice(at + 1) } : {};
  return { ...suffix, ...fields, Name: prefix };
}

function withoutSuffix({ UPNSuffix: _, ...rest }: Record<string, string>): Record<string, string> {
  return rest;
}

function distinct(entities: readonly AlertEntity[]): AlertEntity[] {
  return [...new Map(entities.map((entity) => [entityKey(entity), entity])).values()];
}

/** Equal for two entities that are the same. */
export function entityKey({ type, fields }: AlertEntity): string {
  const sorted = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([type, ...sorted]).toLowerCase();
}

function withinBytes(entities: AlertEntity[]): AlertEntity[] {
  let bytes = 2;
  return entities.filter((entity) => {
    const size = Buffer.byteLength(JSON.stringify({ ...entity.fields, Type: entity.type })) + 1;
    if (bytes + size > BYTES_MAX) return false;
    bytes += size;
    return true;
  });
}
