import "server-only";
import { z } from "zod";
import { jsonIn } from "@/lib/azure/alert-details.pure";
import { parseVaultId } from "@/lib/azure/resource-id.pure";

const field = z.string().optional().catch(undefined);
const Entity = z.looseObject({
  Type: field,
  ResourceId: field,
  Name: field,
  UPNSuffix: field,
  Address: field,
});

const List = z.array(Entity).catch([]);

/** What an alert's entities name. */
export interface Entities {
  /** ARM ids of vaults. */
  vaults: string[];
  /** People, as `name@domain` where both are known. */
  accounts: string[];
  addresses: string[];
}

/** Reads the JSON text of the column `Entities`. What cannot be read names nothing: an alert may have none. */
export function entitiesIn(text: string): Entities {
  const found: Entities = { vaults: [], accounts: [], addresses: [] };
  for (const entity of List.parse(jsonIn(text))) {
    const { Type = "", ResourceId, Name, UPNSuffix, Address } = entity;
    switch (Type.toLowerCase()) {
      case "azure-resource":
        if (ResourceId && parseVaultId(ResourceId)) found.vaults.push(ResourceId);
        break;
      case "account":
        // One without a name says no more than the details do.
        if (Name) found.accounts.push(UPNSuffix ? `${Name}@${UPNSuffix}` : Name);
        break;
      case "ip":
        if (Address) found.addresses.push(Address);
        break;
    }
  }
  return found;
}
