import { badRequest } from "../arm/errors";
import type { Context } from "../context";
import type { AzureError } from "../http";
import { KqlError } from "../loganalytics/kql/errors";
import type { Column } from "../loganalytics/kql/types";
import { queryColumns } from "../loganalytics/query-columns";
import type { Workspace } from "../model";
import type { RuleProperties } from "./rule-rules";

/** Characters of the parser's sentence that a refusal repeats. */
const DIAGNOSIS_MAX = 1000;

/** The parser's code for a name that is no table, and no function that gives one. */
const NO_SUCH_TABLE = "KS204";

/**
 * Refuses a rule whose query the workspace cannot run, or that takes something from a column which the query does not
 * answer. Sentinel runs the query whenever a rule is put, enabled or not.
 * @throws AzureError 400 `BadRequest`. Published, in issues of Microsoft's Sentinel repository, are the sentence about
 * tables and that about columns of entity mappings; the others follow them.
 */
export async function checkRuleColumns(context: Context, workspace: Workspace, rule: RuleProperties): Promise<void> {
  const columns = await columnsOf(context, workspace, rule.query);
  if (!columns) return;
  const known = new Set(columns.map(({ name }) => name));
  for (const [part, names] of Object.entries(columnsIn(rule))) {
    const missing = names.find((name) => !known.has(name));
    if (missing !== undefined) throw badRequest(`Error in ${part}: The given column '${missing}' does not exist.`);
  }
}

async function columnsOf(
  context: Context,
  workspace: Workspace,
  query: string,
): Promise<readonly Column[] | undefined> {
  try {
    return await queryColumns(context, workspace, query);
  } catch (error) {
    if (error instanceof KqlError) throw notRun(error);
    throw error;
  }
}

function notRun(error: KqlError): AzureError {
  const reason =
    error.code === NO_SUCH_TABLE ? "One of the tables does not exist." : error.message.slice(0, DIAGNOSIS_MAX);
  return badRequest(`Failed to run the analytics rule query. ${reason}`);
}

/** The columns that each part of a rule names, in the order in which they are checked. */
function columnsIn({ entityMappings, customDetails, alertDetailsOverride: override }: RuleProperties) {
  const formats = [override?.alertDisplayNameFormat, override?.alertDescriptionFormat];
  const overriding = [
    ...formats.flatMap((text) => placeholders(text ?? "")),
    override?.alertTacticsColumnName,
    override?.alertSeverityColumnName,
    ...(override?.alertDynamicProperties ?? []).map(({ value }) => value),
  ];
  return {
    EntityMappings: (entityMappings ?? []).flatMap((one) => one.fieldMappings.map(({ columnName }) => columnName)),
    CustomDetails: Object.values(customDetails ?? {}),
    AlertDetailsOverride: overriding.filter((name): name is string => typeof name === "string" && name !== ""),
  };
}

function placeholders(format: string): string[] {
  return [...format.matchAll(/\{\{([^{}]*)\}\}/g)].map(([, name = ""]) => name.trim());
}
