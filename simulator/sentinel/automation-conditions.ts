import type { Context } from "../context";
import type { AutomationCondition } from "./automation-documents";
import type { IncidentEvent } from "./automation-event";
import type { Incident, IncidentOwner } from "./documents";
import { ruleResourceId, tacticsOf } from "./incident-facts";
import { alertsOf } from "./incident-parts";

type Of<Type extends AutomationCondition["conditionType"]> = Extract<AutomationCondition, { conditionType: Type }>;

/** Custom details of the alerts, each key with its values. */
type Details = readonly (readonly [key: string, values: readonly string[]])[];

interface Subject {
  context: Context;
  event: IncidentEvent;
  /** As it stands by now. */
  incident: Incident;
  details: Details;
}

/**
 * Whether all conditions of a rule hold: those on properties for the incident as earlier rules left it, those on changes
 * for what happened itself. Text compares without case.
 */
export function holdsAll(
  context: Context,
  event: IncidentEvent,
  incident: Incident,
  conditions: readonly AutomationCondition[],
): boolean {
  const details = alertsOf(context, incident).flatMap((alert) => Object.entries(alert.customDetails));
  const subject = { context, event, incident, details };
  return conditions.every((condition) => holds(subject, condition));
}

function holds(subject: Subject, condition: AutomationCondition): boolean {
  switch (condition.conditionType) {
    case "Property":
      return propertyHolds(subject, condition.conditionProperties);
    case "PropertyChanged":
      return propertyChanged(subject.event, condition.conditionProperties);
    case "PropertyArrayChanged":
      return arrayChanged(subject, condition.conditionProperties);
    case "PropertyArray":
      return anyItemHolds(subject, condition.conditionProperties);
    case "Boolean": {
      const { operator, innerConditions } = condition.conditionProperties;
      const test = (inner: AutomationCondition) => holds(subject, inner);
      return operator === "And" ? innerConditions.every(test) : innerConditions.some(test);
    }
  }
}

function propertyHolds(subject: Subject, condition: Of<"Property">["conditionProperties"]): boolean {
  const { propertyName, operator, propertyValues } = condition;
  // In the Defender portal every incident has the same provider, and conditions on it no longer count.
  if (propertyName === "IncidentProviderName" && subject.incident.providerName === "Microsoft XDR") return true;
  return compare(textsOf(subject, propertyName), operator, propertyValues);
}

/**
 * `Equals`, `Contains` and the like hold when any value fits any of the texts; their negations when none does.
 */
function compare(
  texts: readonly string[],
  operator: Of<"Property">["conditionProperties"]["operator"],
  values: readonly string[],
): boolean {
  const lower = texts.map((text) => text.toLowerCase());
  const any = (fits: (text: string, value: string) => boolean) =>
    lower.some((text) => values.some((value) => fits(text, value.toLowerCase())));
  switch (operator) {
    case "Equals":
      return any((text, value) => text === value);
    case "NotEquals":
      return !any((text, value) => text === value);
    case "Contains":
      return any((text, value) => text.includes(value));
    case "NotContains":
      return !any((text, value) => text.includes(value));
    case "StartsWith":
      return any((text, value) => text.startsWith(value));
    case "NotStartsWith":
      return !any((text, value) => text.startsWith(value));
    case "EndsWith":
      return any((text, value) => text.endsWith(value));
    case "NotEndsWith":
      return !any((text, value) => text.endsWith(value));
  }
}

function textsOf(subject: Subject, propertyName: string): string[] {
  const { context, event, incident, details } = subject;
  switch (propertyName) {
    case "IncidentTitle":
      return [incident.title];
    case "IncidentDescription":
      // The Defender portal hands no description on, so a condition on it has nothing to hold by.
      return incident.providerName === "Microsoft XDR" ? [] : [incident.description];
    case "IncidentSeverity":
      return [incident.severity];
    case "IncidentStatus":
      return [incident.status];
    case "IncidentLabel":
      return incident.labels.map((label) => label.labelName);
    case "IncidentTactics":
      return tacticsOf(context, incident);
    case "IncidentProviderName":
      return [incident.providerName];
    case "IncidentUpdatedBySource":
      return event.source === undefined ? [] : [event.source];
    case "IncidentRelatedAnalyticRuleIds":
    case "AlertAnalyticRuleIds":
      return incident.ruleIds.map((ruleId) => ruleResourceId(incident.workspaceId, ruleId));
    case "AlertProductNames":
      return incident.alertIds.length === 0 ? [] : ["Azure Sentinel"];
    case "IncidentCustomDetailsKey":
      return details.map(([key]) => key);
    case "IncidentCustomDetailsValue":
      return details.flatMap(([, values]) => values);
    default:
      return entityTexts(context, incident, propertyName);
  }
}

/** Names of entity properties whose identifier in the alert is spelled differently. */
const FIELDS: Readonly<Record<string, readonly [type: string, field: string]>> = {
  iothubdeviceid: ["iotdevice", "deviceid"],
  iotdeviceid: ["iotdevice", "deviceid"],
  iotdevicename: ["iotdevice", "devicename"],
  iotdevicetype: ["iotdevice", "devicetype"],
  iotdevicevendor: ["iotdevice", "manufacturer"],
  cloudapplicationappname: ["cloudapplication", "name"],
  dnsdomainname: ["dns", "domainname"],
  filehashvalue: ["filehash", "value"],
  mailboxprimaryaddress: ["mailbox", "mailboxprimaryaddress"],
  registryvaluedata: ["registryvalue", "value"],
  url: ["url", "url"],
};
const TYPES = [
  ...["account", "azureresource", "cloudapplication", "file", "filehash", "host", "ip", "iotdevice", "mailbox"],
  ...["mailmessage", "malware", "process", "registrykey", "registryvalue"],
];

/** `AccountName` asks for the field `Name` of the alerts' accounts, and so on. */
function entityTexts(context: Context, incident: Incident, propertyName: string): string[] {
  const wanted = propertyName.toLowerCase();
  const type = TYPES.filter((name) => wanted.startsWith(name)).sort((a, b) => b.length - a.length)[0] ?? "";
  const [entityType, field] = FIELDS[wanted] ?? [type, wanted.slice(type.length)];
  return alertsOf(context, incident).flatMap((alert) =>
    alert.entities.flatMap((entity) => {
      if (entity.type.replaceAll("-", "").toLowerCase() !== entityType) return [];
      if (wanted === "azureresourcesubscriptionid") return [subscriptionOf(entity.fields.ResourceId ?? "")];
      return Object.entries(entity.fields).flatMap(([name, value]) => (name.toLowerCase() === field ? [value] : []));
    }),
  );
}

function subscriptionOf(resourceId: string): string {
  return /^\/subscriptions\/([^/]+)/i.exec(resourceId)?.[1] ?? "";
}

function propertyChanged(event: IncidentEvent, condition: Of<"PropertyChanged">["conditionProperties"]): boolean {
  const { incident, previous } = event;
  if (!previous) return false;
  const before = changeable(previous, condition.propertyName);
  const after = changeable(incident, condition.propertyName);
  if (before.join() === after.join()) return false;
  if (condition.changeType === undefined) return true;
  const looked = condition.changeType === "ChangedFrom" ? before : after;
  return compare(looked, condition.operator ?? "Equals", condition.propertyValues ?? []);
}

function changeable(incident: Incident, property: Of<"PropertyChanged">["conditionProperties"]["propertyName"]) {
  if (property === "IncidentSeverity") return [incident.severity];
  if (property === "IncidentStatus") return [incident.status];
  return ownerTexts(incident.owner);
}

function ownerTexts(owner: IncidentOwner): string[] {
  return [owner.objectId, owner.userPrincipalName, owner.email, owner.assignedTo].filter((text) => text !== undefined);
}

function arrayChanged(
  { context, event }: Subject,
  { arrayType }: Of<"PropertyArrayChanged">["conditionProperties"],
): boolean {
  const { incident, previous } = event;
  if (!previous) return false;
  const added = (now: readonly string[], before: readonly string[]) => now.some((text) => !before.includes(text));
  switch (arrayType) {
    case "Alerts":
      return added(incident.alertIds, previous.alertIds);
    case "Labels":
      return added(
        incident.labels.map((label) => label.labelName),
        previous.labels.map((label) => label.labelName),
      );
    case "Tactics":
      return added(tacticsOf(context, incident), tacticsOf(context, previous));
    case "Comments":
      return event.commentAdded === true;
  }
}

/** The inner conditions see one custom detail, or one value of it, at a time. */
function anyItemHolds(subject: Subject, condition: Of<"PropertyArray">["conditionProperties"]): boolean {
  const items: Details =
    condition.arrayType === "CustomDetails"
      ? subject.details
      : subject.details.flatMap(([key, values]) => values.map((value) => [key, [value]] as const));
  return items.some((item) => condition.itemConditions.every((inner) => holds({ ...subject, details: [item] }, inner)));
}
