import { mayControl, normaliseScope } from "../access";
import { authorizationFailed } from "../arm/errors";
import { requireScope } from "../arm/scope";
import type { Call } from "../context";
import type { PolicyFinding } from "./judge";
import { latestStates } from "./states";
import { scopeTest } from "./units";

const POLICY =
  /^(.+)\/providers\/microsoft\.authorization\/(policydefinitions|policysetdefinitions|policyassignments)\/([^/]+)$/i;

/**
 * The findings that a path asks for: those of a scope, or of one definition, initiative or assignment as seen from it.
 * Throws 403 without one of the rights at the scope, then ARM's 404.
 */
export function findingsAt(call: Call, path: string, actions: readonly [string, ...string[]]): PolicyFinding[] {
  const policy = POLICY.exec(path);
  const scope = policy?.[1] ?? path;
  if (!actions.some((action) => mayControl(call, call.caller, action, scope)))
    throw authorizationFailed(call, actions[0], scope);
  const { id } = requireScope(call, scope);
  const inside = scopeTest(call, id);
  const name = policy?.[3]?.toLowerCase();
  const kind = policy?.[2]?.toLowerCase();
  return latestStates(call).filter(({ unit, target }) => {
    if (!inside(target)) return false;
    if (kind === "policydefinitions") return unit.definition.name.toLowerCase() === name;
    if (kind === "policysetdefinitions") return unit.set?.name.toLowerCase() === name;
    return kind === undefined || normaliseScope(unit.assignment.id) === normaliseScope(path);
  });
}
