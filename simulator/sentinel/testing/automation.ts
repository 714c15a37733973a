import { WORKSPACE } from "../../arm/test-context";
import type { Incident } from "../documents";
import { openIncident } from "../incident-changes";
import { newIncident } from "../incident-store";
import { INCIDENTS, makeIncidentTenant } from "./incidents";

export const RULES = `${WORKSPACE}/providers/Microsoft.SecurityInsights/automationRules`;

/** A tenant with calls that write automation rules and open incidents. */
export function makeAutomationTenant(options: { defenderPortal?: boolean } = {}) {
  const made = makeIncidentTenant(options);
  const { tenant, responder } = made;
  const rule = (id: string, triggeringLogic: object, actions: object[], more: object = {}, version = "") =>
    tenant.send(responder, "PUT", `${RULES}/${id}${version}`, {
      properties: {
        displayName: `Rule ${id}`,
        order: 1,
        triggeringLogic: { isEnabled: true, triggersOn: "Incidents", triggersWhen: "Created", ...triggeringLogic },
        actions,
        ...more,
      },
    });
  const open = (fields: Partial<Incident> = {}) => {
    const call = tenant.call(responder, "GET", INCIDENTS);
    return openIncident(call, newIncident(call, { workspaceId: WORKSPACE, title: "T", severity: "Low", ...fields }));
  };
  return { ...made, rule, open };
}

/** An action that changes the incident. */
export const modify = (actionConfiguration: object, order = 1) => ({
  order,
  actionType: "ModifyProperties",
  actionConfiguration,
});
/** A condition on a property. */
export const when = (propertyName: string, operator: string, ...propertyValues: string[]) => ({
  conditionType: "Property",
  conditionProperties: { propertyName, operator, propertyValues },
});
