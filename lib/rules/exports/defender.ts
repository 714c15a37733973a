import "server-only";
import { expandHourly } from "@/lib/detection/expand";
import type { RuleHeader } from "@/lib/detection/header";
import type { RuleParameters } from "@/lib/detection/parameters";
import { ruleBodies } from "@/lib/detection/rule-export";

/** An entity of a rule's header, in the collection and with the names that Graph has for its columns. */
const ENTITIES: Readonly<Record<string, { collection: string; columns: Readonly<Record<string, string>> }>> = {
  AzureResource: { collection: "azureResources", columns: { ResourceId: "resourceIdColumn" } },
  Account: {
    collection: "accounts",
    columns: { AadUserId: "aadUserIdColumn", Name: "nameColumn", UPNSuffix: "upnSuffixColumn" },
  },
  IP: { collection: "ips", columns: { Address: "addressColumn" } },
  CloudApplication: { collection: "cloudApplications", columns: { AppId: "appIdColumn" } },
};

/**
 * The rules as Defender XDR custom detections, bodies of `POST /beta/security/rules/detectionRules`, for workspaces that
 * are onboarded to the Defender portal. Only rules with a near-real-time body: an hourly detection gets four hours of rows,
 * and the other rules look back for days.
 *
 * Form after Microsoft's reference of that beta API (detectionRule, alertTemplate, entityMappingConfiguration), in the
 * shape that replaced `isEnabled`, `period` and `impactedAssets` in 2026. Not seen in a real tenant: that the service
 * takes such a query with a watchlist in it, and how it shows columns in a title. A detection has one severity and one
 * tactic, so the severity that each row of the rule carries is a custom detail here.
 */
export function defenderDetections(parameters: RuleParameters): Record<string, unknown>[] {
  return ruleBodies(parameters)
    .filter(({ kind }) => kind === "NRT")
    .map(({ file, header }) => ({
      displayName: header.title,
      status: "enabled",
      queryCondition: { queryText: expandHourly(file, parameters) },
      schedule: { frequency: "PT1H" },
      detectionAction: { alertTemplate: templateOf(header) },
    }));
}

function templateOf(header: RuleHeader): Record<string, unknown> {
  return {
    title: header.alertName,
    description: header.description,
    severity: header.severity.toLowerCase(),
    tactics: header.tactics.slice(0, 1).map((tactic) => ({
      tactic,
      techniques: header.techniques.map((technique) => ({ technique })),
    })),
    entityMappings: entitiesOf(header),
    customDetails: Object.fromEntries(["Severity", ...header.details].map((column) => [column, column])),
  };
}

function entitiesOf({ entities }: RuleHeader): Record<string, unknown> {
  return Object.fromEntries(
    entities.map(({ type, fields }) => {
      const known = ENTITIES[type];
      if (!known) throw new Error(`Defender's name for the entity ${type} is not known.`);
      const columns = fields.map(({ identifier, column }) => {
        const name = known.columns[identifier];
        if (name === undefined) throw new Error(`Defender's name for ${identifier} of ${type} is not known.`);
        return [name, column];
      });
      return [known.collection, [Object.fromEntries(columns)]];
    }),
  );
}
