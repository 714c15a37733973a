import { z } from "zod";
import { badRequest } from "../arm/errors";
import type { AutomationAction, AutomationCondition } from "./automation-documents";
import { CONDITION_PROPERTIES } from "./automation-properties";
import { CLASSIFICATIONS, OwnerBody, REASONS, SEVERITIES, STATUSES } from "./incident-body";
import { checkClosing } from "./incident-closing";
import { Etag, Label, Prose } from "./texts";

/*
 * What the service accepts as an automation rule. Limits: the API's description and "Microsoft Sentinel service limits".
 */

const TextOperators = z.enum([
  "Equals",
  "NotEquals",
  "Contains",
  "NotContains",
  "StartsWith",
  "NotStartsWith",
  "EndsWith",
  "NotEndsWith",
]);
const Values = z.array(Label).min(1);

const Property = z.object({
  conditionType: z.literal("Property"),
  conditionProperties: z.object({
    propertyName: z.enum(CONDITION_PROPERTIES),
    operator: TextOperators,
    propertyValues: Values,
  }),
});
const PropertyChanged = z.object({
  conditionType: z.literal("PropertyChanged"),
  conditionProperties: z.object({
    propertyName: z.enum(["IncidentSeverity", "IncidentStatus", "IncidentOwner"]),
    changeType: z.enum(["ChangedFrom", "ChangedTo"]).optional(),
    operator: TextOperators.optional(),
    propertyValues: z.array(Label).optional(),
  }),
});
const PropertyArrayChanged = z.object({
  conditionType: z.literal("PropertyArrayChanged"),
  conditionProperties: z.object({
    arrayType: z.enum(["Alerts", "Labels", "Tactics", "Comments"]),
    changeType: z.literal("Added"),
  }),
});

/** Conditions inside conditions, this deep at most: a bound of ours, deeper than the portal offers. */
const NESTING_MAX = 3;

function conditionSchema(nesting: number): z.ZodType<AutomationCondition> {
  const flat = [Property, PropertyChanged, PropertyArrayChanged] as const;
  if (nesting === 0) return z.discriminatedUnion("conditionType", flat);
  const inner = conditionSchema(nesting - 1);
  return z.discriminatedUnion("conditionType", [
    ...flat,
    z.object({
      conditionType: z.literal("PropertyArray"),
      conditionProperties: z.object({
        arrayType: z.enum(["CustomDetails", "CustomDetailValues"]),
        arrayConditionType: z.literal("AnyItem"),
        itemConditions: z.array(inner).min(1).max(10),
      }),
    }),
    z.object({
      conditionType: z.literal("Boolean"),
      conditionProperties: z.object({
        operator: z.enum(["And", "Or"]),
        innerConditions: z.array(inner).min(2).max(10),
      }),
    }),
  ]);
}

const order = z.int().min(1).max(1000);
const blank = <T>(value: T | null | undefined): T | undefined => value ?? undefined;

const Action: z.ZodType<AutomationAction> = z.discriminatedUnion("actionType", [
  z.object({
    order,
    actionType: z.literal("ModifyProperties"),
    actionConfiguration: z.object({
      severity: z.enum(SEVERITIES).nullish().transform(blank),
      status: z.enum(STATUSES).nullish().transform(blank),
      classification: z.enum(CLASSIFICATIONS).nullish().transform(blank),
      classificationReason: z.enum(REASONS).nullish().transform(blank),
      classificationComment: Prose.nullish().transform(blank),
      owner: OwnerBody.nullish().transform((owner) => (owner ? withoutNulls(owner) : undefined)),
      labels: z
        .array(z.object({ labelName: Label.min(1) }))
        .nullish()
        .transform(blank),
    }),
  }),
  z.object({
    order,
    actionType: z.literal("RunPlaybook"),
    actionConfiguration: z.object({
      logicAppResourceId: z
        .string()
        .regex(
          /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Logic\/workflows\/[^/]+$/i,
          "must be the id of a logic app",
        ),
      tenantId: z.guid().nullish().transform(blank),
    }),
  }),
  z.object({
    order,
    actionType: z.literal("AddIncidentTask"),
    actionConfiguration: z.object({
      title: z.string().min(1).max(150),
      description: z.string().max(3000).nullish().transform(blank),
    }),
  }),
]);

function withoutNulls(owner: z.infer<typeof OwnerBody>) {
  return {
    objectId: blank(owner.objectId),
    email: blank(owner.email),
    assignedTo: blank(owner.assignedTo),
    userPrincipalName: blank(owner.userPrincipalName),
    ownerType: blank(owner.ownerType),
  };
}

export const AutomationBody = z.object({
  etag: Etag,
  properties: z.object({
    displayName: z.string().min(1).max(500),
    order,
    triggeringLogic: z.object({
      isEnabled: z.boolean(),
      expirationTimeUtc: z.iso.datetime({ offset: true }).nullish(),
      triggersOn: z.enum(["Incidents", "Alerts"]),
      triggersWhen: z.enum(["Created", "Updated"]),
      conditions: z.array(conditionSchema(NESTING_MAX)).max(50).nullish(),
    }),
    actions: z.array(Action).min(1).max(20),
  }),
});

type AutomationProperties = z.infer<typeof AutomationBody>["properties"];

/**
 * Throws 400 for a rule whose parts do not go together: conditions on changes in a rule for new incidents, other
 * actions than playbooks or updates in a rule for alerts, closing without a classification. The service refuses these
 * as its portal does not offer them; its sentences are unverified.
 */
export function checkAutomation({ triggeringLogic, actions }: AutomationProperties): void {
  const { triggersOn, triggersWhen, conditions } = triggeringLogic;
  if (triggersOn === "Alerts" && triggersWhen === "Updated") {
    throw badRequest("Automation rules that trigger on alerts can only trigger when an alert is created.");
  }
  if (triggersOn === "Alerts" && actions.some((action) => action.actionType !== "RunPlaybook")) {
    throw badRequest("Automation rules that trigger on alerts can only run playbooks.");
  }
  if (triggersWhen === "Created" && (conditions ?? []).some(looksAtChange)) {
    throw badRequest(
      "Conditions on changes are only valid in automation rules that trigger when an incident is updated.",
    );
  }
  for (const action of actions) {
    if (action.actionType === "ModifyProperties") checkClosing(action.actionConfiguration);
  }
}

function looksAtChange(condition: AutomationCondition): boolean {
  if (condition.conditionType === "Boolean") return condition.conditionProperties.innerConditions.some(looksAtChange);
  return condition.conditionType === "PropertyChanged" || condition.conditionType === "PropertyArrayChanged";
}
