import type { Call } from "../context";
import type { Router } from "../http";
import type { Vault } from "../model";
import { type PrivateConnection, privateConnections } from "../private-endpoints";
import { noContent, ok } from "./respond";
import { authorize, requireVault, vaultIdOf } from "./scope";

const VAULT = "/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.KeyVault/vaults/{v}";
const CONNECTIONS = `${VAULT}/privateEndpointConnections`;

/** Private endpoints of a vault: the connections it has, and what one can connect to. Read only. */
export function routeVaultEndpoints(router: Router<Call>): void {
  router.on("GET", CONNECTIONS, (call, params) => {
    authorize(call, "Microsoft.KeyVault/vaults/privateEndpointConnections/read", vaultIdOf(params));
    return ok({ value: privateConnections(requireVault(call, params)).map(connectionBody) });
  });

  router.on("GET", `${CONNECTIONS}/{n}`, (call, params) => {
    authorize(call, "Microsoft.KeyVault/vaults/privateEndpointConnections/read", vaultIdOf(params));
    const found = privateConnections(requireVault(call, params)).find(
      ({ name }) => name.toLowerCase() === params.n?.toLowerCase(),
    );
    // The API answers 204, not 404, for a connection that is not there.
    return found ? ok(connectionBody(found)) : noContent();
  });

  router.on("GET", `${VAULT}/privateLinkResources`, (call, params) => {
    authorize(call, "Microsoft.KeyVault/vaults/privateLinkResources/read", vaultIdOf(params));
    const vault = requireVault(call, params);
    return ok({
      value: [
        {
          id: `${vault.id}/privateLinkResources/vault`,
          name: "vault",
          type: "Microsoft.KeyVault/vaults/privateLinkResources",
          properties: {
            groupId: "vault",
            requiredMembers: ["default"],
            requiredZoneNames: ["privatelink.vaultcore.azure.net"],
          },
        },
      ],
    });
  });
}

function connectionProperties(connection: PrivateConnection) {
  return {
    privateEndpoint: { id: connection.endpointId },
    privateLinkServiceConnectionState: { status: "Approved", description: "", actionsRequired: "None" },
    provisioningState: "Succeeded",
  };
}

function connectionBody(connection: PrivateConnection) {
  return {
    id: `${connection.vaultId}/privateEndpointConnections/${connection.name}`,
    name: connection.name,
    type: "Microsoft.KeyVault/vaults/privateEndpointConnections",
    properties: connectionProperties(connection),
  };
}

/** The connections as the vault's own `properties` carry them; absent when there are none. */
export function connectionItems(vault: Vault) {
  const found = privateConnections(vault);
  if (found.length === 0) return {};
  return {
    privateEndpointConnections: found.map((connection) => ({
      id: connectionBody(connection).id,
      properties: connectionProperties(connection),
    })),
  };
}
