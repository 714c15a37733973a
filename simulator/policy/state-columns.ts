import type { Context } from "../context";
import { parameterBody } from "./bodies";
import { groupsAbove } from "./hierarchy";
import type { PolicyFinding } from "./judge";

/*
 * The columns of a policy state, in the order of the API description. Text that the service fills with `tbd` has it here
 * too. Columns are worked out one by one: a query over 10,000 vaults names a few.
 */

export type Cell = string | number | boolean | null | readonly string[];

type Column = (finding: PolicyFinding, context: Context) => Cell;

const COLUMNS: Readonly<Record<string, Column>> = {
  timestamp: ({ at }) => new Date(at).toISOString().replace(/\.\d+Z$/, "Z"),
  resourceId: ({ target }) => target.id,
  policyAssignmentId: ({ unit }) => unit.assignment.id,
  policyDefinitionId: ({ unit }) => unit.definition.id,
  effectiveParameters: () => null,
  isCompliant: ({ state }) => state === "Compliant" || state === "Exempt",
  subscriptionId: ({ target }) => target.subscriptionKey,
  resourceType: ({ target }) => target.type,
  resourceLocation: ({ target }) => target.location ?? "",
  resourceGroup: ({ target }) => target.groupName,
  resourceTags: () => "tbd",
  policyAssignmentName: ({ unit }) => unit.assignment.name,
  policyAssignmentOwner: () => "tbd",
  policyAssignmentParameters: ({ unit }) => JSON.stringify(parameterBody(unit.assignment.parameters)),
  policyAssignmentScope: ({ unit }) => unit.assignment.scope,
  policyDefinitionName: ({ unit }) => unit.definition.name,
  policyDefinitionAction: ({ unit }) => unit.effect,
  policyDefinitionCategory: () => "tbd",
  policySetDefinitionId: ({ unit }) => unit.set?.id ?? "",
  policySetDefinitionName: ({ unit }) => unit.set?.name ?? "",
  policySetDefinitionOwner: () => null,
  policySetDefinitionCategory: ({ unit }) => (unit.set ? String(unit.set.metadata.category ?? "").toLowerCase() : ""),
  policySetDefinitionParameters: () => null,
  managementGroupIds: ({ target }, context) =>
    groupsAbove(context, `/subscriptions/${target.subscriptionKey}`).join(","),
  policyDefinitionReferenceId: ({ unit }) => unit.member?.referenceId ?? "",
  complianceState: ({ state }) => state,
  policyDefinitionGroupNames: ({ unit }) => unit.member?.groupNames ?? [],
  policyDefinitionVersion: ({ unit }) => unit.definition.version,
  policySetDefinitionVersion: ({ unit }) => unit.set?.version ?? "",
  policyAssignmentVersion: ({ unit }) => unit.assignment.definitionVersion ?? "1.*.*",
};

const byLower = new Map(Object.keys(COLUMNS).map((name) => [name.toLowerCase(), name]));

/** Names of all columns, as records show them. */
export const COLUMN_NAMES: readonly string[] = Object.keys(COLUMNS);

/** One row of a query: its columns in order, and the value of each. */
export interface StateRow {
  names: readonly string[];
  /** By name without case; undefined when the row has no such column. */
  get(name: string): Cell | undefined;
}

/** A finding as the row of a query. */
export function stateRow(context: Context, finding: PolicyFinding): StateRow {
  return {
    names: COLUMN_NAMES,
    get: (name) => {
      const column = byLower.get(name.toLowerCase());
      return column === undefined ? undefined : COLUMNS[column]?.(finding, context);
    },
  };
}

/** A row of given cells, as groups and aggregates give them. */
export function madeRow(cells: readonly (readonly [name: string, value: Cell])[]): StateRow {
  const values = new Map(cells.map(([name, value]) => [name.toLowerCase(), value]));
  return { names: cells.map(([name]) => name), get: (name) => values.get(name.toLowerCase()) };
}
