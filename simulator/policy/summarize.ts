import { badRequest } from "../arm/errors";
import { parameter } from "../arm/respond";
import type { Call } from "../context";
import { FilterError } from "../odata/tokens";
import type { PolicyFinding } from "./judge";
import { COLUMN_NAMES, stateRow } from "./state-columns";
import { rowFilter } from "./state-filter";
import { findingsAt } from "./state-scope";

const HOST = "https://management.azure.com";
const SUMMARIZE = [
  "Microsoft.PolicyInsights/policyStates/summarize/action",
  "Microsoft.PolicyInsights/policyStates/summarize/read",
] as const;
const DAY = 86_400_000;

/** The body of a summary: figures for the scope, for each assignment, and for each policy in it. */
export function summarize(call: Call, scope: string, within?: (timestamp: string) => boolean) {
  const all = filtered(call, findingsAt(call, scope, SUMMARIZE));
  const findings = within ? all.filter(({ at }) => within(new Date(at).toISOString())) : all;
  const base = `${HOST}${scope}/providers/Microsoft.PolicyInsights/policyStates`;
  const uri = (condition: string) =>
    `${base}/latest/queryResults?api-version=${parameter(call, "api-version") ?? ""}&$from=${spaced(call.now() - DAY)}&$to=${spaced(call.now())}&$filter=${condition}`;
  const top = topOf(call);
  const assignments = [...by(findings, ({ unit }) => unit.assignment.id)]
    .map(([id, own]) => assignmentSummary(id, own, uri))
    .sort((a, b) => b.results.nonCompliantResources - a.results.nonCompliantResources)
    .slice(0, top);
  return {
    "@odata.context": `${base}/$metadata#summary`,
    "@odata.count": 1,
    value: [
      {
        "@odata.id": null,
        "@odata.context": `${base}/$metadata#summary/$entity`,
        results: results(findings, uri("IsCompliant eq false")),
        policyAssignments: assignments,
      },
    ],
  };
}

function spaced(at: number): string {
  return new Date(at)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, "Z");
}

function topOf(call: Call): number {
  const text = parameter(call, "$top");
  if (text === undefined) return Number.POSITIVE_INFINITY;
  if (!/^\d{1,9}$/.test(text))
    throw badRequest(`Invalid $top '${text.slice(0, 100)}' in query string.`, "InvalidTopInQueryString");
  return Number(text);
}

function filtered(call: Call, findings: PolicyFinding[]): PolicyFinding[] {
  const text = parameter(call, "$filter");
  if (text === undefined || text.trim() === "") return findings;
  try {
    const test = rowFilter(text, COLUMN_NAMES);
    return findings.filter((finding) => test(stateRow(call, finding)));
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw badRequest(
      `Invalid $filter '${text.slice(0, 500)}' in query string. ${error.message}`,
      "InvalidFilterInQueryString",
    );
  }
}

function assignmentSummary(id: string, findings: PolicyFinding[], uri: (condition: string) => string) {
  const mine = `IsCompliant eq false and PolicyAssignmentId eq '${id}'`;
  const first = findings[0]?.unit;
  return {
    policyAssignmentId: id,
    policySetDefinitionId: first?.set?.id ?? "",
    results: results(findings, uri(mine)),
    policyDefinitions: [...by(findings, ({ unit }) => unit.key).values()].flatMap((own) => {
      const unit = own[0]?.unit;
      if (!unit) return [];
      return [
        {
          policyDefinitionId: unit.definition.id,
          policyDefinitionReferenceId: unit.member?.referenceId ?? "",
          policyDefinitionGroupNames: unit.member?.groupNames ?? [],
          effect: unit.effect,
          results: results(own, uri(`${mine} and PolicyDefinitionId eq '${unit.definition.id}'`)),
        },
      ];
    }),
    policyGroups: groupSummaries(findings, (group) =>
      uri(`'${group}' IN PolicyDefinitionGroupNames and PolicyAssignmentId eq '${id}'`),
    ),
  };
}

function groupSummaries(findings: PolicyFinding[], uri: (group: string) => string) {
  const names = new Set(findings.flatMap(({ unit }) => unit.member?.groupNames ?? []));
  return [...names].map((policyGroupName) => ({
    policyGroupName,
    results: results(
      findings.filter(({ unit }) => unit.member?.groupNames.includes(policyGroupName)),
      uri(policyGroupName),
    ),
  }));
}

/** A resource, policy or group is as bad as its worst state: the first of these. */
const WORST = ["NonCompliant", "Error", "Conflict", "Exempt", "Compliant"];

function results(findings: PolicyFinding[], queryResultsUri: string) {
  const resources = worst(findings, ({ target }) => [target.key]);
  const policies = worst(findings, ({ unit }) => [unit.key]);
  const groups = worst(findings, ({ unit }) => unit.member?.groupNames ?? []);
  return {
    queryResultsUri,
    nonCompliantResources: count(resources, "NonCompliant"),
    nonCompliantPolicies: count(policies, "NonCompliant"),
    resourceDetails: details(resources),
    policyDetails: details(policies),
    policyGroupDetails: details(groups),
  };
}

function worst(findings: PolicyFinding[], keysOf: (finding: PolicyFinding) => readonly string[]): Map<string, string> {
  const states = new Map<string, string>();
  for (const finding of findings) {
    for (const key of keysOf(finding)) {
      const known = states.get(key);
      if (known === undefined || WORST.indexOf(finding.state) < WORST.indexOf(known)) states.set(key, finding.state);
    }
  }
  return states;
}

function count(states: ReadonlyMap<string, string>, wanted: string): number {
  return [...states.values()].filter((state) => state === wanted).length;
}

function details(states: ReadonlyMap<string, string>) {
  return WORST.flatMap((state) => {
    const number = count(states, state);
    return number > 0 ? [{ complianceState: state.toLowerCase(), count: number }] : [];
  });
}

function by(findings: PolicyFinding[], keyOf: (finding: PolicyFinding) => string): Map<string, PolicyFinding[]> {
  const groups = new Map<string, PolicyFinding[]>();
  for (const finding of findings) {
    const group = groups.get(keyOf(finding));
    if (group) group.push(finding);
    else groups.set(keyOf(finding), [finding]);
  }
  return groups;
}
