import "server-only";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { customDetails, ruleIdOf, textsIn } from "./alert-details.pure";
import { toAppError } from "./parse-error";
import { sentinelOf } from "./sentinel";

/** An alert of an incident, with what our rules put into it. */
export interface IncidentAlert {
  id: string;
  title: string;
  /** What the rule says of it; empty where it says nothing. */
  description: string;
  severity: string;
  /** Lower-case id of the rule that raised it; undefined when no rule of this workspace did. */
  ruleId: string | undefined;
  /** ISO 8601, UTC. */
  startedAt: string | undefined;
  endedAt: string | undefined;
  /** By name; a list that a rule gave is there value by value. */
  customDetails: Record<string, string[]>;
}

const Alerts = z.object({
  value: z.array(
    z.object({
      properties: z.object({
        systemAlertId: z.string(),
        alertDisplayName: z.string().nullish(),
        description: z.string().nullish(),
        severity: z.string().nullish(),
        alertType: z.string().nullish(),
        startTimeUtc: z.string().nullish(),
        endTimeUtc: z.string().nullish(),
        additionalData: z.record(z.string(), z.unknown()).nullish(),
      }),
    }),
  ),
});

/**
 * The alerts of an incident (GUID) of the workspace (ARM id). From the raw answer: the SDK takes the texts of
 * `additionalData` for objects and loses them.
 */
export async function listIncidentAlerts(
  azure: AzureAccess,
  workspaceId: string,
  name: string,
): Promise<IncidentAlert[]> {
  const { client, resourceGroup, name: workspace } = sentinelOf(azure, workspaceId);
  let raw = "";
  try {
    await client.incidents.listAlerts(resourceGroup, workspace, name, {
      onResponse: (response) => {
        raw = response.bodyAsText ?? "";
      },
    });
    return Alerts.parse(JSON.parse(raw)).value.map(({ properties: alert }) => ({
      id: alert.systemAlertId,
      title: alert.alertDisplayName ?? "",
      description: alert.description ?? "",
      severity: alert.severity ?? "",
      ruleId: ruleIdOf(alert.alertType ?? ""),
      startedAt: alert.startTimeUtc ?? undefined,
      endedAt: alert.endTimeUtc ?? undefined,
      customDetails: detailsOf(alert.additionalData?.["Custom Details"]),
    }));
  } catch (error) {
    throw toAppError(error, "read the incident's alerts");
  }
}

/** An entity: its kind (`Account`, `Ip`, `AzureResource`) and what it carries. */
export interface IncidentEntity {
  kind: string;
  fields: Record<string, unknown>;
}

const Entity = z.looseObject({ kind: z.string() });

/** The entities of an incident's alerts. */
export async function listIncidentEntities(
  azure: AzureAccess,
  workspaceId: string,
  name: string,
): Promise<IncidentEntity[]> {
  const { client, resourceGroup, name: workspace } = sentinelOf(azure, workspaceId);
  try {
    const { entities } = await client.incidents.listEntities(resourceGroup, workspace, name);
    return z
      .array(Entity)
      .parse(entities ?? [])
      .map(({ kind, id: _id, name: _name, type: _type, ...fields }) => ({ kind, fields }));
  } catch (error) {
    throw toAppError(error, "read the incident's entities");
  }
}

function detailsOf(text: unknown): Record<string, string[]> {
  return Object.fromEntries(Object.entries(customDetails(text)).map(([name, values]) => [name, textsIn(values)]));
}
