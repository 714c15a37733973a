import type { Context } from "../context";
import type { Principal } from "../model";
import type { IncidentOwner } from "./documents";

type Given = { [Field in keyof IncidentOwner]?: IncidentOwner[Field] | null | undefined };

/**
 * The owner that a body names. A person whom the directory knows, by object id or else by user principal name or
 * address, is filled in; anybody else is kept as given. All fields empty: nobody.
 */
export function ownerFrom(context: Context, given: Given): IncidentOwner {
  const { objectId, email, assignedTo, userPrincipalName, ownerType } = given;
  const person = objectId ? context.model.principals.get(objectId) : findPerson(context, userPrincipalName ?? email);
  if (person) return ownerOf(person);
  const kept: IncidentOwner = {
    ...(objectId && { objectId }),
    ...(email && { email }),
    ...(assignedTo && { assignedTo }),
    ...(userPrincipalName && { userPrincipalName }),
  };
  return Object.keys(kept).length === 0 ? {} : { ...kept, ownerType: ownerType ?? "Unknown" };
}

function ownerOf({ oid, name, upn, kind }: Principal): IncidentOwner {
  return {
    objectId: oid,
    assignedTo: name,
    ...(upn === undefined ? {} : { email: upn, userPrincipalName: upn }),
    ownerType: kind === "User" ? "User" : "Unknown",
  };
}

function findPerson(context: Context, upn: string | null | undefined): Principal | undefined {
  if (!upn) return undefined;
  const wanted = upn.toLowerCase();
  for (const principal of context.model.principals.values()) {
    if (principal.upn?.toLowerCase() === wanted) return principal;
  }
  return undefined;
}
