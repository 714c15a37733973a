import "server-only";
import { z } from "zod";
import { GROUP_NAME, normaliseId, SUBSCRIPTION_ID } from "@/lib/azure/resource-id.pure";
import type { Config } from "@/lib/config";

/**
 * What the text of a rule has to know of this set-up, as literals: rules have no parameters. They are a part of the text
 * that is deployed, so a rule of another set-up counts as changed.
 */
export interface RuleParameters {
  /** The register's watchlist. */
  alias: string;
  /** Object id of the identity that publishes the register. */
  registrar: string;
  /** Object id of the identity that gives and takes back rights. */
  granter: string;
  /** Object id of the identity that reads every watched vault twice a day. */
  collector: string;
  /** Application id of the product, as it stands in what people write through it. */
  product: string;
  /** Normalised ARM id of the workspace. */
  workspace: string;
}

/** The parameters of the configured set-up. */
export function ruleParameters({
  watchlistAlias,
  identities,
  auth,
  workspace,
}: Pick<Config, "watchlistAlias" | "identities" | "auth" | "workspace">): RuleParameters {
  return {
    alias: watchlistAlias,
    registrar: identities.registrar.objectId.toLowerCase(),
    granter: identities.granter.objectId.toLowerCase(),
    collector: identities.collector.objectId.toLowerCase(),
    product: auth.apiClientId.toLowerCase(),
    workspace: normaliseId(workspace.resourceId),
  };
}

/**
 * Marks instead of literals, for rules that are made before there is a tenant. The simulated tenant puts its own ids in
 * their place when it begins; in a real workspace they match nobody.
 */
export const UNFILLED: RuleParameters = {
  alias: "HoneyTokens",
  registrar: "@registrar@",
  granter: "@granter@",
  collector: "@collector@",
  product: "@product@",
  workspace: "@workspace@",
};

const mark = z.string().regex(/^@[a-z]+@$/);
const who = z.union([z.guid().lowercase(), mark]);
const where = z.union([
  z
    .string()
    .regex(
      new RegExp(
        String.raw`^${SUBSCRIPTION_ID}/resourcegroups/${GROUP_NAME}/providers/[a-z.]+/workspaces/[\w\-]+$`,
        "u",
      ),
    ),
  mark,
]);

/** Nothing that could end a KQL string gets past this. The alias is checked where it is put in. */
const Checked = z.strictObject({
  alias: z.string(),
  registrar: who,
  granter: who,
  collector: who,
  product: who,
  workspace: where,
});

/** Throws ZodError when a parameter is not a lower-case GUID, workspace id or mark. */
export function checkParameters(parameters: RuleParameters): RuleParameters {
  return Checked.parse(parameters);
}
