import { createHash } from "node:crypto";
import type { Context } from "../context";
import { member, textMember } from "../policy/json";
import type { PolicyFinding } from "../policy/judge";
import { latestStates } from "../policy/states";
import { type Unit, unitsOf } from "../policy/units";
import type { Assessment } from "./assessment";
import type { AssessmentMetadata } from "./metadata";

/** Worked out once for each state of the policy scans: the list is the same until they find something else. */
const known = new WeakMap<readonly PolicyFinding[], readonly Assessment[]>();
const NONE: readonly Assessment[] = [];

/**
 * The assessments of custom initiatives, as old as the last policy scan. An initiative that carries `ASC: "true"` in its
 * metadata shows up as recommendations, one for each of its policies. The same list until something changes.
 */
export function policyAssessments(context: Context): readonly Assessment[] {
  // Without such an initiative nobody needs to wait for a scan of the whole estate.
  if (!unitsOf(context).some(isRecommendation)) return NONE;
  const states = latestStates(context);
  let found = known.get(states);
  if (!found) {
    found = assess(states);
    known.set(states, found);
  }
  return found;
}

function isRecommendation({ set }: Unit): boolean {
  return set !== undefined && !set.builtIn && textMember(set.metadata, "ASC")?.toLowerCase() === "true";
}

/** The recommendations that custom initiatives make up. */
export function policyMetadata(context: Context): AssessmentMetadata[] {
  const byName = new Map(policyAssessments(context).map(({ name, metadata }) => [name, metadata]));
  return [...byName.values()];
}

function assess(states: readonly PolicyFinding[]): Assessment[] {
  const metadataOf = new Map<Unit, AssessmentMetadata | undefined>();
  const byPlace = new Map<string, Assessment>();
  for (const { unit, target, state, at } of states) {
    if (!metadataOf.has(unit)) metadataOf.set(unit, metadataOfUnit(unit));
    const metadata = metadataOf.get(unit);
    if (!metadata) continue;
    const assessment: Assessment = {
      resourceId: target.id,
      name: metadata.name,
      metadata,
      ...outcome(state),
      firstEvaluatedAt: at,
      changedAt: at,
    };
    // Assigned twice, a policy is one recommendation: what fails anywhere fails.
    const place = `${target.key} ${metadata.name}`;
    if (byPlace.get(place)?.code !== "Unhealthy") byPlace.set(place, assessment);
  }
  return [...byPlace.values()];
}

function outcome(state: PolicyFinding["state"]): Pick<Assessment, "code" | "cause" | "description"> {
  switch (state) {
    case "Compliant":
      return { code: "Healthy" };
    case "NonCompliant":
      return { code: "Unhealthy" };
    case "Exempt":
      return { code: "NotApplicable", cause: "Exempt", description: "The resource is exempt from the policy." };
    default:
      return { code: "NotApplicable", cause: "PolicyError", description: "The policy could not be evaluated." };
  }
}

function metadataOfUnit(unit: Unit): AssessmentMetadata | undefined {
  const { set, definition } = unit;
  if (!set || !isRecommendation(unit)) return undefined;
  const center = member(definition.metadata, "securityCenter");
  const severity = textMember(center, "Severity")?.toLowerCase();
  return {
    name: keyOf(set.id, definition.id),
    displayName: definition.displayName ?? definition.name,
    description: definition.description ?? "",
    remediation: textMember(center, "RemediationDescription") ?? "",
    severity: severity === "high" ? "High" : severity === "medium" ? "Medium" : "Low",
    userImpact: "Low",
    implementationEffort: "Low",
    categories: ["Data"],
    threats: [],
    type: "CustomPolicy",
    policyDefinitionId: definition.id,
  };
}

/** A GUID that stays the same for a policy of an initiative. */
function keyOf(setId: string, definitionId: string): string {
  const hex = createHash("sha256").update(`${setId} ${definitionId}`.toLowerCase()).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
