import { hasAnyAccess } from "../access";
import type { Call } from "../context";
import type { Router } from "../http";
import { authorizationFailed } from "./errors";
import { REGIONS, type Region } from "./regions";
import { ok } from "./respond";
import { requireSubscription } from "./scope";

/** The tenants that the caller can sign in to, and the regions that a subscription may use. */
export function routeLocations(router: Router<Call>): void {
  router.on("GET", "/tenants", (call) =>
    ok({
      value: [
        {
          id: `/tenants/${call.identity.tenantId}`,
          tenantId: call.identity.tenantId,
          tenantCategory: "Home",
          countryCode: "IE",
          displayName: "Contoso",
          domains: ["contoso.test"],
          defaultDomain: "contoso.test",
          tenantType: "AAD",
        },
      ],
      // The API description requires it, as for subscriptions.
      nextLink: "",
    }),
  );

  router.on("GET", "/subscriptions/{s}/locations", (call, params) => {
    const { id } = requireSubscription(call, params.s ?? "");
    const scope = `/subscriptions/${id}`;
    if (!hasAnyAccess(call, call.caller, scope)) {
      throw authorizationFailed(call, "Microsoft.Resources/subscriptions/locations/read", scope);
    }
    return ok({ value: REGIONS.map((region) => locationBody(scope, region)) });
  });
}

function locationBody(subscription: string, region: Region) {
  return {
    id: `${subscription}/locations/${region.name}`,
    name: region.name,
    type: "Region",
    displayName: region.displayName,
    regionalDisplayName: `(${region.geographyGroup}) ${region.displayName}`,
    metadata: {
      regionType: "Physical",
      regionCategory: "Recommended",
      geography: region.geography,
      geographyGroup: region.geographyGroup,
      longitude: region.longitude,
      latitude: region.latitude,
      physicalLocation: region.physicalLocation,
      pairedRegion: [{ name: region.paired, id: `${subscription}/locations/${region.paired}` }],
    },
  };
}
