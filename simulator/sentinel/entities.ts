import type { Context } from "../context";
import { worldGuid } from "../world/ids";
import type { AlertEntity, SentinelAlert } from "./documents";

type Properties = Record<string, string | number | boolean | Record<string, string>>;

export interface EntityBody {
  id: string;
  name: string;
  type: "Microsoft.SecurityInsights/Entities";
  kind: string;
  properties: Properties;
}

/** The API's kinds by the alert schema's types, both as the service spells them. */
const KINDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    account: "Account",
    host: "Host",
    file: "File",
    azureresource: "AzureResource",
    cloudapplication: "CloudApplication",
    dns: "DnsResolution",
    filehash: "FileHash",
    ip: "Ip",
    malware: "Malware",
    process: "Process",
    registrykey: "RegistryKey",
    registryvalue: "RegistryValue",
    securitygroup: "SecurityGroup",
    url: "Url",
    iotdevice: "IoTDevice",
    mailbox: "Mailbox",
    mailcluster: "MailCluster",
    mailmessage: "MailMessage",
    submissionmail: "SubmissionMail",
  }),
);

/** Identifiers of the alert schema that the API calls something else than their own name with a small first letter. */
const RENAMED: Readonly<Record<string, string>> = {
  "Account.Name": "accountName",
  "Account.NTDomain": "ntDomain",
  "Account.UPNSuffix": "upnSuffix",
  "Account.PUID": "puid",
  "CloudApplication.Name": "appName",
  "File.Name": "fileName",
  "FileHash.Value": "hashValue",
  "Host.NTDomain": "ntDomain",
  "Host.OMSAgentID": "omsAgentID",
  "Host.OSFamily": "osFamily",
  "Host.OSVersion": "osVersion",
  "Malware.Name": "malwareName",
  "RegistryValue.Name": "valueName",
  "RegistryValue.Value": "valueData",
  "SecurityGroup.SID": "sid",
};

/** All entities of the alerts, each once: two alerts that name the same identifiers mean the same thing. */
export function entitiesOf(context: Context, workspaceId: string, alerts: readonly SentinelAlert[]): EntityBody[] {
  const found = new Map<string, EntityBody>();
  for (const alert of alerts) {
    for (const entity of alert.entities) {
      const body = entityBody(context, workspaceId, entity);
      if (body && !found.has(body.name)) found.set(body.name, body);
    }
  }
  return [...found.values()];
}

/** How many entities there are of each kind. */
export function countByKind(entities: readonly EntityBody[]): { entityKind: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { kind } of entities) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([entityKind, count]) => ({ entityKind, count }));
}

/** The entity in the API's form; undefined for a type that the API has no kind for. */
function entityBody(context: Context, workspaceId: string, entity: AlertEntity): EntityBody | undefined {
  const kind = KINDS.get(entity.type.replaceAll("-", "").toLowerCase());
  if (kind === undefined) return undefined;
  const identity = Object.entries(entity.fields)
    .map(([name, value]) => `${name}=${value}`.toLowerCase())
    .sort();
  const name = worldGuid(context, `entity/${workspaceId.toLowerCase()}/${kind}/${identity.join("/")}`);
  return {
    id: `${workspaceId}/providers/Microsoft.SecurityInsights/Entities/${name}`,
    name,
    type: "Microsoft.SecurityInsights/Entities",
    kind,
    properties: propertiesOf(kind, entity.fields),
  };
}

function propertiesOf(kind: string, fields: Record<string, string>): Properties {
  const properties: Properties = {};
  const additionalData: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    const property = RENAMED[`${kind}.${name}`] ?? `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
    if (kind === "CloudApplication" && property === "appId") {
      // The API has a number here, Defender's for its known applications; a client id is kept beside it (unverified).
      if (/^\d{1,9}$/.test(value)) properties.appId = Number(value);
      else additionalData.AppId = value;
    } else if (property === "isDomainJoined") properties[property] = value.toLowerCase() === "true";
    else properties[property] = value;
  }
  if (kind === "AzureResource") Object.assign(properties, subscriptionOf(fields.ResourceId ?? ""));
  if (Object.keys(additionalData).length > 0) properties.additionalData = additionalData;
  properties.friendlyName = friendlyName(kind, fields);
  return properties;
}

function subscriptionOf(resourceId: string): { subscriptionId?: string } {
  const subscriptionId = /^\/subscriptions\/([^/]+)/i.exec(resourceId)?.[1];
  return subscriptionId === undefined ? {} : { subscriptionId };
}

function friendlyName(kind: string, fields: Record<string, string>): string {
  if (kind === "AzureResource") return (fields.ResourceId ?? "").split("/").pop() ?? "";
  const named = ["DisplayName", "Name", "HostName", "Address", "Url", "AppId", "AadUserId"];
  return named.map((name) => fields[name]).find((value) => value) ?? Object.values(fields)[0] ?? "";
}
