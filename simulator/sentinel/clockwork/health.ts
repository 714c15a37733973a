import { iso } from "../../arm/respond";
import type { Context } from "../../context";
import type { AlertRule } from "../../model";
import { worldGuid } from "../../world/ids";

/** Failed runs in a row after which a rule is switched off. The service names no figure. */
const FAILURES_MAX = 10;
const PREFIX = "AUTO DISABLED ";

/** Switches a rule off whose runs keep failing, and says so in its name and description, as the service does. */
export function noteFailure(context: Context, rule: AlertRule, failures: number, reason: Error): void {
  if (failures < FAILURES_MAX) return;
  const { displayName, description } = rule.properties;
  const why = `${PREFIX.trim()}: the query failed ${failures} times in a row. ${reason.message}`.slice(0, 1000);
  const now = iso(context.now());
  context.model.alertRules.put(`${rule.workspaceId}/${rule.ruleId}`, {
    ...rule,
    etag: `"${worldGuid(context, `etag of ${rule.ruleId}/${rule.etag}/disabled`)}"`,
    properties: {
      ...rule.properties,
      enabled: false,
      displayName: `${PREFIX}${String(displayName)}`,
      description: typeof description === "string" && description !== "" ? `${why}\n${description}` : why,
      lastModifiedUtc: now,
    },
  });
}
