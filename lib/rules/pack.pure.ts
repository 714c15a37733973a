import { z } from "zod";

/** What becomes of a rule of the pack in the workspace. `spare`: off, as it is shipped, beside a twin that is on. */
export const RULE_STATES = ["on", "off", "spare", "missing", "modified"] as const;
export type PackRuleState = (typeof RULE_STATES)[number];

/** One property that deploying would change; texts, `null` where there is none. */
const Change = z.object({ property: z.string(), before: z.string().nullable(), after: z.string().nullable() });
export type Change = z.infer<typeof Change>;

export const PackRuleView = z.object({
  /** The rule's id in the workspace. */
  id: z.string(),
  title: z.string(),
  description: z.string(),
  kind: z.enum(["NRT", "Scheduled"]),
  severity: z.string(),
  /** Kinds of decoys on which a touch raises it. */
  covers: z.array(z.string()),
  tables: z.array(z.string()),
  state: z.enum(RULE_STATES),
  /** How the rule in the workspace could lose what it is there for. */
  how: z.string().nullable(),
  /** Tables of this rule that no rule can read, with their plan; null when the plans could not be read. */
  unreadable: z.array(z.object({ table: z.string(), plan: z.string() })).nullable(),
  /** What deploying would change; empty when there is nothing to do or nothing to compare with. */
  changes: z.array(Change),
  /** Of the rule as it is in the workspace: goes back with the order, so that a change in between is noticed. */
  etag: z.string().nullable(),
});
export type PackRuleView = z.infer<typeof PackRuleView>;

/** GET /api/rules */
export const RulePack = z.object({
  /** Name of the workspace. */
  workspace: z.string(),
  rules: z.array(PackRuleView),
  readAt: z.string(),
  mayDeploy: z.boolean(),
  /** What could not be read beside the rules, in sentences. */
  warnings: z.array(z.string()),
});
export type RulePack = z.infer<typeof RulePack>;

/** What an administrator orders: the rules as the preview had them. */
export const DeployRules = z.strictObject({
  rules: z
    .array(
      z.strictObject({
        id: z.guid(),
        /** As the preview had it; null = there was none. */
        etag: z.string().max(200).nullable(),
        /** The person has seen that this rule differs, and wants it as shipped. */
        overwrite: z.boolean(),
      }),
    )
    .min(1, "Choose a rule.")
    .max(50),
});
export type DeployRules = z.infer<typeof DeployRules>;

/** What became of each rule, in the order asked. */
export const Deployed = z.object({
  rules: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      outcome: z.enum(["created", "updated", "unchanged", "refused"]),
      /** Why it was refused, and what to do. */
      problem: z.string().nullable(),
    }),
  ),
});
export type Deployed = z.infer<typeof Deployed>;

export const EXPORT_FORMATS = ["arm", "yaml", "defender"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
export const ExportRequest = z.strictObject({ format: z.enum(EXPORT_FORMATS) });

/** GET /api/rules/export: a file. */
export const RulesFile = z.object({ name: z.string(), type: z.string(), text: z.string() });
export type RulesFile = z.infer<typeof RulesFile>;

/** True when deploying this rule would undo what somebody has made of it, so that a person has to say so. */
export function needsOverwrite(rule: Pick<PackRuleView, "state" | "changes">): boolean {
  return rule.state !== "missing" && rule.changes.length > 0;
}

/** True when deploying would write anything. */
export function hasWork(rule: Pick<PackRuleView, "state" | "changes">): boolean {
  return rule.state === "missing" || rule.changes.length > 0;
}
