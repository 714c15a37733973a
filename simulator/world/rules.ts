import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { Context } from "../context";
import { worldGuid, worldIds } from "./ids";

const RuleFile = z.object({
  name: z.string().min(1),
  kind: z.enum(["NRT", "Scheduled"]),
  properties: z.record(z.string(), z.unknown()),
});

/** A rule file that cannot be used; the message names it. */
export class RuleFileError extends Error {}

/**
 * Fills the analytics rules: those of the rules folder (one ARM body per JSON file, with this tenant's ids in it) and the one that every workspace
 * with Sentinel has. Throws `RuleFileError` when the folder or a file in it cannot be read.
 */
export function createRules(context: Context): void {
  if (context.settings.bare) return;
  const { workspace } = worldIds(context);
  const put = (ruleId: string, kind: "NRT" | "Scheduled" | "Fusion", properties: Record<string, unknown>) =>
    context.model.alertRules.put(`${workspace.resourceId}/${ruleId}`, {
      workspaceId: workspace.resourceId,
      ruleId,
      kind,
      etag: `"${worldGuid(context, `rule/${ruleId}`)}"`,
      properties,
    });
  put("BuiltInFusion", "Fusion", {
    displayName: "Advanced Multistage Attack Detection",
    enabled: true,
    alertRuleTemplateName: "f71aba3d-28fb-450b-b192-4e76a83015c8",
  });
  const folder = context.settings.rulesDir;
  if (folder === undefined) return;
  for (const file of listJson(folder)) {
    const rule = readRule(path.join(folder, file), (text) => withOwnIds(context, text));
    put(rule.name, rule.kind, rule.properties);
  }
}

function listJson(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith(".json"))
      .sort();
  } catch {
    throw new RuleFileError(`The rules folder ${folder} cannot be read.`);
  }
}

/** Rules are made before there is a tenant: `@collector@` and the like stand where they name its identities or workspace. */
function withOwnIds(context: Context, text: string): string {
  const { identities, workspace } = worldIds(context);
  const own: Record<string, string> = {
    ...Object.fromEntries(Object.entries(identities).map(([name, { objectId }]) => [name, objectId])),
    product: context.identity.apiClientId,
    workspace: workspace.resourceId,
  };
  return text.replaceAll(/@([a-z]+)@/g, (mark, name: string) => own[name]?.toLowerCase() ?? mark);
}

function readRule(file: string, filledIn: (text: string) => string): z.infer<typeof RuleFile> {
  let content: unknown;
  try {
    content = JSON.parse(filledIn(readFileSync(file, "utf8")));
  } catch {
    throw new RuleFileError(`${file} is not JSON.`);
  }
  const parsed = RuleFile.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new RuleFileError(`${file} is not a rule: ${z.prettifyError(parsed.error)}`);
}
