import { mayControl } from "../access";
import { badRequest } from "../arm/errors";
import { iso, ok, page, parameter, readTop } from "../arm/respond";
import { authorize, requireManagementGroup } from "../arm/scope";
import type { Call } from "../context";
import { AzureError, type Router } from "../http";
import type { Subscription } from "../model";
import type { ManagementGroup } from "./documents";
import { groupsAbove, managementGroupId } from "./hierarchy";

const GROUPS = "/providers/Microsoft.Management/managementGroups";
const TYPE = "Microsoft.Management/managementGroups";
const READ = "Microsoft.Management/managementGroups/read";

/** Management groups: list, get with children, ancestors or path, descendants, and the subscriptions of one. */
export function routeManagementGroups(router: Router<Call>): void {
  router.on("GET", GROUPS, (call) => {
    const seen = [...call.model.managementGroups.values()].filter(({ name }) =>
      mayControl(call, call.caller, READ, managementGroupId(name)),
    );
    const { value, nextLink } = page(
      call,
      seen.map((group) => info(call, group)),
      ({ id }) => id,
      readTop(call, 1000, 2000),
    );
    // The name with the sign in front is the one of the API description, here and nowhere else.
    return ok({ value, ...(nextLink === undefined ? {} : { "@nextLink": nextLink }) });
  });

  router.on("GET", `${GROUPS}/{g}`, (call, params) => ok(details(call, readable(call, params))));

  router.on("GET", `${GROUPS}/{g}/descendants`, (call, params) => {
    const found = descendants(call, readable(call, params).name);
    return ok(page(call, found, ({ id }) => id, readTop(call, 1000, 2000)));
  });

  router.on("GET", `${GROUPS}/{g}/subscriptions`, (call, params) => {
    const group = readable(call, params);
    const found = subscriptionsOf(call, group.name).map((subscription) => placed(call, group, subscription));
    return ok(page(call, found, ({ id }) => id, 1000));
  });

  router.on("GET", `${GROUPS}/{g}/subscriptions/{s}`, (call, params) => {
    const group = readable(call, params);
    const found = subscriptionsOf(call, group.name).find(({ id }) => id.toLowerCase() === params.s?.toLowerCase());
    if (!found) {
      throw new AzureError(
        404,
        "NotFound",
        `The subscription '${params.s}' is not under the management group '${group.name}'.`,
      );
    }
    return ok(placed(call, group, found));
  });
}

function readable(call: Call, params: Record<string, string>): ManagementGroup {
  authorize(call, READ, managementGroupId(params.g ?? ""));
  return requireManagementGroup(call, params.g ?? "");
}

function info({ identity: { tenantId } }: Call, { name, displayName }: ManagementGroup) {
  return { id: managementGroupId(name), type: TYPE, name, properties: { tenantId, displayName } };
}

function details(call: Call, group: ManagementGroup) {
  const expand = parameter(call, "$expand")?.toLowerCase();
  if (expand !== undefined && !["children", "path", "ancestors"].includes(expand)) {
    throw badRequest(`The value '${expand.slice(0, 100)}' of $expand is not supported.`, "InvalidExpand");
  }
  const recurse = parameter(call, "$recurse")?.toLowerCase() === "true";
  if (recurse && expand !== "children") throw badRequest("$recurse needs $expand=children.", "InvalidRecurse");
  const parent = group.parent === undefined ? undefined : call.model.managementGroups.get(group.parent);
  // The root has no group above it; the chain names the nearest first.
  const chain = groupsAbove(call, managementGroupId(group.name))
    .slice(1)
    .flatMap((name) => call.model.managementGroups.get(name) ?? []);
  const named = chain.map(({ name, displayName }) => ({ name, displayName }));
  const { properties, ...rest } = info(call, group);
  return {
    ...rest,
    properties: {
      ...properties,
      details: {
        version: 1,
        updatedTime: iso(group.updatedAt),
        updatedBy: group.updatedBy,
        ...(parent && {
          parent: { id: managementGroupId(parent.name), name: parent.name, displayName: parent.displayName },
        }),
        ...(expand === "path" ? { path: named.toReversed() } : {}),
        ...(expand === "ancestors"
          ? { managementGroupAncestors: named.map(({ name }) => name), managementGroupAncestorsChain: named }
          : {}),
      },
      ...(expand === "children" ? { children: children(call, group.name, recurse) } : {}),
    },
  };
}

interface Child {
  id: string;
  type: string;
  name: string;
  displayName: string;
  children?: Child[];
}

function children(call: Call, name: string, recurse: boolean): Child[] {
  const groups = groupsOf(call, name).map((group): Child => {
    const inner = recurse ? children(call, group.name, true) : [];
    return {
      id: managementGroupId(group.name),
      type: TYPE,
      name: group.name,
      displayName: group.displayName,
      ...(inner.length > 0 ? { children: inner } : {}),
    };
  });
  const subscriptions = subscriptionsOf(call, name).map(({ id, name: displayName }) => ({
    id: `/subscriptions/${id}`,
    type: "/subscriptions",
    name: id,
    displayName,
  }));
  return [...groups, ...subscriptions];
}

function groupsOf({ model }: Call, name: string): ManagementGroup[] {
  return [...model.managementGroups.values()].filter(({ parent }) => parent?.toLowerCase() === name.toLowerCase());
}

/** Those that hang right below the group. */
function subscriptionsOf(call: Call, name: string): Subscription[] {
  return [...call.model.subscriptions.values()].filter(
    ({ id }) => groupsAbove(call, `/subscriptions/${id}`)[0]?.toLowerCase() === name.toLowerCase(),
  );
}

function descendants(call: Call, name: string): { id: string; type: string; name: string; properties: object }[] {
  const parent = { id: managementGroupId(name) };
  const groups = groupsOf(call, name);
  return [
    ...groups.map((group) => ({
      id: managementGroupId(group.name),
      type: TYPE,
      name: group.name,
      properties: { displayName: group.displayName, parent },
    })),
    ...subscriptionsOf(call, name).map(({ id, name: displayName }) => ({
      id: `/subscriptions/${id}`,
      type: `${TYPE}/subscriptions`,
      name: id,
      properties: { displayName, parent },
    })),
    ...groups.flatMap((group) => descendants(call, group.name)),
  ];
}

function placed(call: Call, group: ManagementGroup, { id, name }: Subscription) {
  return {
    id: `${managementGroupId(group.name)}/subscriptions/${id}`,
    type: `${TYPE}/subscriptions`,
    name: id,
    properties: {
      displayName: name,
      parent: { id: managementGroupId(group.name) },
      state: "Active",
      tenant: call.identity.tenantId,
    },
  };
}
