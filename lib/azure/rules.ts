import "server-only";
import { z } from "zod";
import type { AzureAccess } from "@/lib/context";
import { drain } from "./clients";
import { toAppError } from "./parse-error";
import { sentinelOf } from "./sentinel";

export interface AlertRule {
  /** The rule's id: the last segment of its ARM id. */
  name: string;
  kind: string;
  enabled: boolean;
  /** Empty for kinds without a query. */
  query: string;
  /** All properties as the service sent them, for comparing with what we deployed. */
  properties: Record<string, unknown>;
}

const Page = z.object({
  value: z.array(z.object({ name: z.string(), kind: z.string(), properties: z.record(z.string(), z.unknown()) })),
});

/**
 * All analytics rules of the workspace (ARM id), to the last page.
 * Read from the raw answers: the SDK drops every property that is newer than itself, and a changed rule must be seen.
 */
export async function listAlertRules(azure: AzureAccess, workspaceId: string): Promise<AlertRule[]> {
  const { client, resourceGroup, name } = sentinelOf(azure, workspaceId);
  const pages: string[] = [];
  try {
    await drain(
      client.alertRules.list(resourceGroup, name, {
        onResponse: (response) => {
          if (response.status === 200) pages.push(response.bodyAsText ?? "");
        },
      }),
    );
    return pages
      .flatMap((text) => Page.parse(JSON.parse(text)).value)
      .map((rule) => ({
        name: rule.name,
        kind: rule.kind,
        enabled: rule.properties.enabled === true,
        query: typeof rule.properties.query === "string" ? rule.properties.query : "",
        properties: rule.properties,
      }));
  } catch (error) {
    throw toAppError(error, "list the analytics rules");
  }
}
