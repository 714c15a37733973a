import "server-only";
import type { Assignment, Exemption } from "./policy-rows";

/** Where a vault stands, for policies. */
export interface Place {
  /** Normalised vault id. */
  id: string;
  /** Lower case. */
  location: string;
  /** Lower-case names of the management groups above; undefined = not known. */
  groups: readonly string[] | undefined;
}

const GROUP = "/providers/microsoft.management/managementgroups/";

/** Whether an assignment is in force at a vault. What is not known counts as in force. */
export function covers({ properties }: Assignment, place: Place): boolean {
  const { scope, notScopes, resourceSelectors } = properties;
  if (!within(place, scope, true) || notScopes.some((one) => within(place, one, false))) return false;
  // One selector of the list is enough; within it all must fit. Only the location is told apart here.
  return (
    resourceSelectors.length === 0 ||
    resourceSelectors.some(({ selectors }) =>
      selectors.every((one) => {
        if (one.kind.toLowerCase() !== "resourcelocation") return true;
        return one.in.length > 0 ? one.in.includes(place.location) : !one.notIn.includes(place.location);
      }),
    )
  );
}

/** Whether an exemption takes the vault out of its assignment, or out of the member of an initiative that is meant. */
export function exempts({ id, properties }: Exemption, reference: string, place: Place, now: Date): boolean {
  const { policyDefinitionReferenceIds: meant, expiresOn } = properties;
  if (meant.length > 0 && !meant.includes(reference)) return false;
  // An end that cannot be read counts as passed.
  if (expiresOn && !(Date.parse(expiresOn) > now.getTime())) return false;
  return within(place, id.slice(0, id.lastIndexOf("/providers/microsoft.authorization/")), false);
}

/** Whether the vault stands at or below a scope; `unsure` is the answer where its management groups are not known. */
function within(place: Place, scope: string, unsure: boolean): boolean {
  if (scope.startsWith(GROUP)) return place.groups?.includes(scope.slice(GROUP.length)) ?? unsure;
  return scope === "" ? unsure : place.id === scope || place.id.startsWith(`${scope}/`);
}
