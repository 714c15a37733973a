import { createHash } from "node:crypto";
import type { Vault } from "./model";

/** A private endpoint that is connected to a vault, approved. */
export interface PrivateConnection {
  name: string;
  vaultId: string;
  endpointId: string;
}

/** A vault that is closed to the public has one approved endpoint in its resource group; the others have none. */
export function privateConnections(vault: Vault): PrivateConnection[] {
  if (vault.publicNetworkAccess !== "Disabled") return [];
  const suffix = createHash("sha256").update(vault.id.toLowerCase()).digest("hex").slice(0, 12);
  const group = vault.id.split("/").slice(0, 5).join("/");
  return [
    {
      name: `pe-${vault.name}.${suffix}`,
      vaultId: vault.id,
      endpointId: `${group}/providers/Microsoft.Network/privateEndpoints/pe-${vault.name}`,
    },
  ];
}
