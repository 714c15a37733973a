import { hasAnyAccess, mayControl, scopesWith } from "../access";
import type { Call } from "../context";
import type { Router } from "../http";
import type { ResourceGroup, Subscription } from "../model";
import { authorizationFailed } from "./errors";
import { inheritedBy } from "./filter";
import { ok, page, readTop } from "./respond";
import { authorize, requireGroup, requireSubscription } from "./scope";

const READ = "Microsoft.Resources/subscriptions/read";
const READ_GROUP = "Microsoft.Resources/subscriptions/resourceGroups/read";

/** Subscriptions and resource groups: list and get. */
export function routeSubscriptions(router: Router<Call>): void {
  router.on("GET", "/subscriptions", (call) => {
    const seen = [...call.model.subscriptions.values()].filter((found) =>
      hasAnyAccess(call, call.caller, `/subscriptions/${found.id}`),
    );
    // The API description requires `nextLink` here, unlike elsewhere.
    return ok({
      nextLink: "",
      ...page(
        call,
        seen.map((found) => subscriptionBody(call, found)),
        ({ id }) => id,
        1000,
      ),
    });
  });

  router.on("GET", "/subscriptions/{s}", (call, params) => {
    const found = requireSubscription(call, params.s ?? "");
    const scope = `/subscriptions/${found.id}`;
    if (!hasAnyAccess(call, call.caller, scope)) throw authorizationFailed(call, READ, scope);
    return ok(subscriptionBody(call, found));
  });

  router.on("GET", "/subscriptions/{s}/resourceGroups", (call, params) => {
    const scope = `/subscriptions/${params.s}`;
    if (!hasAnyAccess(call, call.caller, scope)) throw authorizationFailed(call, READ_GROUP, scope);
    const readable = inheritedBy(scopesWith(call, call.caller, READ_GROUP));
    const groups = [...call.model.resourceGroups.values()].filter(
      (group) => group.subscriptionId.toLowerCase() === params.s?.toLowerCase() && readable(group.id),
    );
    return ok(page(call, groups.map(groupBody), ({ id }) => id, readTop(call, 1000, 1000)));
  });

  router.on("GET", "/subscriptions/{s}/resourceGroups/{g}", (call, params) => {
    authorize(call, READ_GROUP, `/subscriptions/${params.s}/resourceGroups/${params.g}`);
    return ok(groupBody(requireGroup(call, params.s ?? "", params.g ?? "")));
  });

  router.on("HEAD", "/subscriptions/{s}/resourceGroups/{g}", (call, params) => {
    const id = `/subscriptions/${params.s}/resourceGroups/${params.g}`;
    const there = mayControl(call, call.caller, READ_GROUP, id) && call.model.resourceGroups.get(id) !== undefined;
    return { status: there ? 204 : 404 };
  });
}

function subscriptionBody(call: Call, subscription: Subscription) {
  return {
    id: `/subscriptions/${subscription.id}`,
    subscriptionId: subscription.id,
    tenantId: call.identity.tenantId,
    displayName: subscription.name,
    state: "Enabled",
    authorizationSource: "RoleBased",
    managedByTenants: [],
    subscriptionPolicies: {
      locationPlacementId: "Public_2014-09-01",
      quotaId: "EnterpriseAgreement_2014-09-01",
      spendingLimit: "Off",
    },
  };
}

/** A resource group as ARM answers it. */
export function groupBody(group: ResourceGroup) {
  return {
    id: group.id,
    name: group.name,
    type: "Microsoft.Resources/resourceGroups",
    location: group.location,
    tags: group.tags,
    properties: { provisioningState: "Succeeded" },
  };
}
