import { createHash } from "node:crypto";
import { iso } from "../arm/respond";
import type { Context } from "../context";
import { assignmentBody, definitionBody, exemptionBody, parameterBody, setBody } from "../policy/bodies";
import { BUILT_IN_DEFINITIONS, BUILT_IN_SETS } from "../policy/built-in";
import { groupsAbove, managementGroupId } from "../policy/hierarchy";
import type { PolicyFinding } from "../policy/judge";
import { latestStates } from "../policy/states";
import type { Shape } from "./shape";

/** The table `policyresources`: compliance states, assignments, definitions, initiatives and exemptions. */
export function policyRows(context: Context): Shape[] {
  const { policyAssignments, policyDefinitions, policySetDefinitions, policyExemptions } = context.model;
  const action = (type: string) => `Microsoft.Authorization/${type}/read`;
  // What is built in belongs to nobody: who may read definitions anywhere sees it.
  const place = (object: { builtIn?: true }) => (object.builtIn ? { at: undefined } : {});
  return [
    ...stateRows(context),
    ...[...policyAssignments.values()].map((one) => ({
      ...assignmentBody(context, one),
      action: action("policyAssignments"),
    })),
    ...[...policyDefinitions.values(), ...BUILT_IN_DEFINITIONS.values()].map((one) => ({
      ...definitionBody(one),
      ...place(one),
      action: action("policyDefinitions"),
    })),
    ...[...policySetDefinitions.values(), ...BUILT_IN_SETS.values()].map((one) => ({
      ...setBody(one),
      ...place(one),
      action: action("policySetDefinitions"),
    })),
    ...[...policyExemptions.values()].map((one) => ({ ...exemptionBody(one), action: action("policyExemptions") })),
  ];
}

function stateRows(context: Context): Shape[] {
  // Text that many states share is made once: a large estate has tens of thousands of rows.
  const groups = new Map<string, string>();
  const groupsOf = (subscription: string) => {
    let names = groups.get(subscription);
    if (names === undefined) {
      names = groupsAbove(context, `/subscriptions/${subscription}`).join(",");
      groups.set(subscription, names);
    }
    return names;
  };
  return latestStates(context).map((finding) => stateRow(finding, groupsOf(finding.target.subscriptionKey)));
}

const WEIGHTS: Readonly<Record<string, number>> = {
  NonCompliant: 300,
  Conflict: 200,
  Error: 200,
  Exempt: 100,
  Compliant: 100,
};

/** Ids are in lower case here, as the service writes them in this table. */
function stateRow({ unit, target, state, at }: PolicyFinding, managementGroupIds: string): Shape {
  const { assignment, definition, set, member } = unit;
  const name = createHash("sha1").update(`${target.key}|${unit.key}`).digest("base64url").slice(0, 22);
  return {
    id: `${target.key}/providers/microsoft.policyinsights/policystates/${name}`,
    name,
    type: "Microsoft.PolicyInsights/policyStates",
    action: "Microsoft.PolicyInsights/policyStates/queryResults/read",
    properties: {
      resourceId: target.key,
      resourceType: target.type.toLowerCase(),
      resourceLocation: target.location ?? "",
      resourceGroup: target.groupName.toLowerCase(),
      subscriptionId: target.subscriptionKey,
      managementGroupIds,
      complianceState: state,
      isDeleted: false,
      timestamp: iso(at),
      stateWeight: WEIGHTS[state] ?? 0,
      policyAssignmentId: assignment.id.toLowerCase(),
      policyAssignmentName: assignment.name,
      policyAssignmentScope: assignment.scope.toLowerCase(),
      policyAssignmentParameters: parameterBody(assignment.parameters),
      policyDefinitionId: definition.id.toLowerCase(),
      policyDefinitionName: definition.name,
      policyDefinitionAction: unit.effect,
      policyDefinitionReferenceId: member?.referenceId.toLowerCase() ?? "",
      policyDefinitionGroupNames: member?.groupNames ?? [],
      policySetDefinitionId: set?.id.toLowerCase() ?? "",
      policySetDefinitionName: set?.name ?? "",
    },
  };
}

/** Management groups, as `resourcecontainers` has them. */
export function managementGroupRows(context: Context): Shape[] {
  return [...context.model.managementGroups.values()].map(({ name, displayName, updatedAt, updatedBy }) => {
    const id = managementGroupId(name);
    const [parent, ...above] = ancestorsOf(context, id).slice(1);
    return {
      id,
      name,
      type: "Microsoft.Management/managementGroups",
      action: "Microsoft.Management/managementGroups/read",
      properties: {
        displayName,
        tenantId: context.identity.tenantId,
        details: {
          version: 1,
          updatedTime: iso(updatedAt),
          updatedBy,
          ...(parent && {
            parent: { id: managementGroupId(parent.name), ...parent },
            managementGroupAncestorsChain: [parent, ...above],
          }),
        },
      },
    };
  });
}

/** The groups at and above a scope, nearest first. */
export function ancestorsOf(context: Context, scope: string): { name: string; displayName: string }[] {
  return groupsAbove(context, scope).flatMap((one) => {
    const group = context.model.managementGroups.get(one);
    return group ? [{ name: group.name, displayName: group.displayName }] : [];
  });
}
