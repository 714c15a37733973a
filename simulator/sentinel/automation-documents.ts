import type { State } from "../state";
import type { ClientInfo, Incident, IncidentOwner, Severity } from "./documents";

/*
 * The documents of Sentinel's automation. Times are milliseconds since 1970; keys are lower case.
 */

type TextOperator =
  | "Equals"
  | "NotEquals"
  | "Contains"
  | "NotContains"
  | "StartsWith"
  | "NotStartsWith"
  | "EndsWith"
  | "NotEndsWith";

/** A condition of an automation rule, in the form of the service's body. */
export type AutomationCondition =
  | {
      conditionType: "Property";
      conditionProperties: { propertyName: string; operator: TextOperator; propertyValues: string[] };
    }
  | {
      conditionType: "PropertyChanged";
      conditionProperties: {
        propertyName: "IncidentSeverity" | "IncidentStatus" | "IncidentOwner";
        changeType?: "ChangedFrom" | "ChangedTo" | undefined;
        operator?: TextOperator | undefined;
        propertyValues?: string[] | undefined;
      };
    }
  | {
      conditionType: "PropertyArrayChanged";
      conditionProperties: { arrayType: "Alerts" | "Labels" | "Tactics" | "Comments"; changeType: "Added" };
    }
  | {
      conditionType: "PropertyArray";
      conditionProperties: {
        arrayType: "CustomDetails" | "CustomDetailValues";
        arrayConditionType: "AnyItem";
        itemConditions: AutomationCondition[];
      };
    }
  | {
      conditionType: "Boolean";
      conditionProperties: { operator: "And" | "Or"; innerConditions: AutomationCondition[] };
    };

/** An action of an automation rule, in the form of the service's body. */
export type AutomationAction =
  | {
      order: number;
      actionType: "ModifyProperties";
      actionConfiguration: {
        severity?: Severity | undefined;
        status?: Incident["status"] | undefined;
        classification?: Incident["classification"];
        classificationReason?: Incident["classificationReason"];
        classificationComment?: string | undefined;
        owner?: { [Field in keyof IncidentOwner]?: IncidentOwner[Field] | undefined } | undefined;
        labels?: { labelName: string }[] | undefined;
      };
    }
  | {
      order: number;
      actionType: "RunPlaybook";
      actionConfiguration: { logicAppResourceId: string; tenantId?: string | undefined };
    }
  | {
      order: number;
      actionType: "AddIncidentTask";
      actionConfiguration: { title: string; description?: string | undefined };
    };

export interface AutomationRule {
  /** `{workspace id}/{rule id}`. Key. */
  workspaceId: string;
  ruleId: string;
  displayName: string;
  /** 1 to 1,000: rules run in this order. */
  order: number;
  isEnabled: boolean;
  /** As it was given; the rule does nothing from then on. */
  expirationTimeUtc?: string;
  triggersOn: "Incidents" | "Alerts";
  triggersWhen: "Created" | "Updated";
  /** All must hold. */
  conditions: AutomationCondition[];
  actions: AutomationAction[];
  createdAt: number;
  modifiedAt: number;
  createdBy: ClientInfo;
  modifiedBy: ClientInfo;
  etag: string;
}

/** A playbook that an analytics rule names itself. */
export interface RuleAction {
  /** `{workspace id}/{rule id}/{name}`. Key. */
  workspaceId: string;
  ruleId: string;
  name: string;
  logicAppResourceId: string;
  workflowId: string;
  etag: string;
}

/** A playbook that a rule or a person started. No logic app runs in the simulated tenant: the start is what is kept. */
export interface PlaybookRun {
  /** `{workspace id}/{incident name}/{time}/{n}`. Key. */
  workspaceId: string;
  incidentName: string;
  logicAppResourceId: string;
  /** Rule id, or object id of the person. */
  startedBy: string;
  startedAt: number;
}

export function automationCollections(state: State) {
  return {
    automationRules: state.collection<AutomationRule>("automationRules"),
    ruleActions: state.collection<RuleAction>("ruleActions"),
    playbookRuns: state.collection<PlaybookRun>("playbookRuns"),
  };
}
