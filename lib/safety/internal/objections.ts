import "server-only";
import type { DecoyKind, PolicyObjection } from "../facts.pure";
import { aboutOf, fieldOf } from "./planned-object";
import { type Holds, holds } from "./policy-condition";
import { evaluate, UNKNOWN, type Value, valued } from "./policy-expression";
import type { Assignment, Definition, Exemption, Initiative, PolicyRows } from "./policy-rows";
import { covers, exempts, type Place } from "./policy-scope";

/** A policy that speaks against our object wherever its assignment is in force. */
interface Objector {
  assignment: Assignment;
  exemptions: readonly Exemption[];
  /** Reference id within an initiative, lower case; empty for a definition that is assigned by itself. */
  reference: string;
  objection: PolicyObjection;
}

/**
 * Works out once which assigned policies would refuse a decoy, and answers for each vault which of them are in force there.
 * Only `deny` refuses a write; what cannot be worked out is an objection that `may` refuse.
 */
export function objectionsBy(rows: PolicyRows, now: Date): (place: Place) => PolicyObjection[] {
  const objectors = rows.assignments
    .filter(({ properties }) => properties.enforcementMode?.toLowerCase() !== "donotenforce")
    .flatMap((assignment) => objectorsOf(assignment, rows, now));
  return (place) =>
    objectors
      .filter(({ assignment, exemptions, reference }) => {
        const exempt = exemptions.some((one) => exempts(one, reference, place, now));
        return covers(assignment, place) && !exempt;
      })
      .map(({ objection }) => objection);
}

function objectorsOf(assignment: Assignment, rows: PolicyRows, now: Date): Objector[] {
  const exemptions = rows.exemptions.filter(({ properties }) => properties.policyAssignmentId === assignment.id);
  const given = parametersFrom(assignment.properties.parameters);
  return membersOf(assignment, rows, given).flatMap(({ definition, reference, parameters }) =>
    objectionsOf({ assignment, definition, reference, parameters, now }).map((objection) => ({
      assignment,
      exemptions,
      reference,
      objection,
    })),
  );
}

type Parameters = (name: string) => Value;

interface Member {
  definition: Definition;
  reference: string;
  parameters: Parameters;
}

/** The definitions that an assignment brings, with the values of their parameters; those without a word on objects left out. */
function membersOf({ properties }: Assignment, { definitions, initiatives }: PolicyRows, given: Parameters): Member[] {
  const single = definitions.get(properties.policyDefinitionId);
  if (single) return [{ definition: single, reference: "", parameters: withDefaults(given, single) }];
  const initiative = initiatives.get(properties.policyDefinitionId);
  if (!initiative) return [];
  const outer = withDefaults(given, initiative);
  return initiative.properties.policyDefinitions.flatMap((member) => {
    const definition = definitions.get(member.policyDefinitionId);
    if (!definition) return [];
    const names = { now: new Date(0), parameter: outer, field: () => UNKNOWN };
    const own = parametersFrom(member.parameters);
    const parameters: Parameters = (name) => {
      const value = own(name);
      return value.is === "value" ? evaluate(value.value, names) : value;
    };
    return [
      {
        definition,
        reference: member.policyDefinitionReferenceId,
        parameters: withDefaults(parameters, definition),
      },
    ];
  });
}

function parametersFrom(values: Readonly<Record<string, { value?: unknown }>>): Parameters {
  const byName = new Map(Object.entries(values).map(([name, { value }]) => [name.toLowerCase(), value]));
  return (name) => (byName.has(name.toLowerCase()) ? valued(byName.get(name.toLowerCase())) : { is: "absent" });
}

function withDefaults(given: Parameters, { properties }: Definition | Initiative): Parameters {
  const declared = new Map(Object.entries(properties.parameters).map(([name, one]) => [name.toLowerCase(), one]));
  return (name) => {
    const value = given(name);
    if (value.is !== "absent") return value;
    const parameter = declared.get(name.toLowerCase());
    const has = typeof parameter === "object" && parameter !== null && "defaultValue" in parameter;
    return has ? valued(parameter.defaultValue) : UNKNOWN;
  };
}

interface Judged extends Member {
  assignment: Assignment;
  now: Date;
}

function objectionsOf({ assignment, definition, reference, parameters, now }: Judged): PolicyObjection[] {
  const { mode, policyRule, displayName } = definition.properties;
  const api = mode?.toLowerCase() === "microsoft.keyvault.data" ? "data" : "arm";
  const kinds: readonly DecoyKind[] = ["secret", "key"];
  return kinds.flatMap((kind): PolicyObjection[] => {
    const names = { now, parameter: parameters, field: (name: string) => fieldOf(api, kind, name, now) };
    const effect = overridden(assignment, reference) ?? evaluate(policyRule.effect, names);
    const denies: Holds = effect.is === "value" ? String(effect.value).toLowerCase() === "deny" : "unknown";
    if (denies === false) return [];
    const met = holds(policyRule.condition, names);
    if (met === false) return [];
    return [
      {
        policy: assignment.properties.displayName ?? displayName ?? definition.id,
        kind,
        api,
        verdict: denies === true && met === true ? "denies" : "may",
        about: aboutOf(policyRule.condition),
      },
    ];
  });
}

/** The effect that an assignment puts in place of the definition's own, for all members or for those that it names. */
function overridden({ properties }: Assignment, reference: string): Value | undefined {
  const found = properties.overrides.find(
    ({ kind, selectors }) =>
      kind.toLowerCase() === "policyeffect" &&
      selectors.every((one) => {
        if (one.kind.toLowerCase() !== "policydefinitionreferenceid") return true;
        return one.in.length > 0 ? one.in.includes(reference) : !one.notIn.includes(reference);
      }),
  );
  return found && valued(found.value);
}
