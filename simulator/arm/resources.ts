import { hasAnyAccess, scopesWith } from "../access";
import type { Call } from "../context";
import type { Router, SimResponse } from "../http";
import { authorizationFailed, badRequest } from "./errors";
import { type Filter, inheritedBy, onlyFilters, readFilter } from "./filter";
import { type ListedResource, resourcesAt } from "./resource-index";
import { iso, ok, page, parameter, readTop } from "./respond";
import { requireGroup } from "./scope";

const READ = "Microsoft.Resources/subscriptions/resources/read";
const EXPANDABLE = ["createdtime", "changedtime", "provisioningstate"];

/** The generic lists of resources, of a subscription and of a resource group. */
export function routeResources(router: Router<Call>): void {
  router.on("GET", "/subscriptions/{s}/resources", (call, params) => list(call, `/subscriptions/${params.s}`));

  router.on("GET", "/subscriptions/{s}/resourceGroups/{g}/resources", (call, params) => {
    const scope = `/subscriptions/${params.s}/resourceGroups/${params.g}`;
    if (!hasAnyAccess(call, call.caller, scope)) throw authorizationFailed(call, READ, scope);
    requireGroup(call, params.s ?? "", params.g ?? "");
    return list(call, scope);
  });
}

/** What the caller may read of each type; a list is never refused to somebody who has any role there. */
function list(call: Call, scope: string): SimResponse {
  if (!hasAnyAccess(call, call.caller, scope)) throw authorizationFailed(call, READ, scope);
  const filter = readFilter(parameter(call, "$filter"));
  onlyFilters(filter, [], ["resourcetype", "name", "location", "resourcegroup", "tagname", "tagvalue"]);
  const expand = readExpand(call);
  const readable = readableTypes(call);
  const found = resourcesAt(call, scope, filter.equals.get("resourcetype")?.toLowerCase()).filter(
    (resource) => matches(resource, filter) && readable(resource),
  );
  const { value, ...rest } = page(call, found, ({ id }) => id, readTop(call, 1000, 1000));
  return ok({ value: value.map((resource) => body(resource, expand)), ...rest });
}

function readExpand(call: Call): ReadonlySet<string> {
  const names = (parameter(call, "$expand") ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean);
  const unknown = names.find((name) => !EXPANDABLE.includes(name));
  if (unknown !== undefined) throw badRequest(`The expand '${unknown}' is not supported.`, "InvalidExpand");
  return new Set(names);
}

function readableTypes(call: Call): (resource: ListedResource) => boolean {
  const byType = new Map<string, (id: string) => boolean>();
  return ({ type, id }) => {
    let readable = byType.get(type);
    if (!readable) {
      readable = inheritedBy(scopesWith(call, call.caller, `${type}/read`));
      byType.set(type, readable);
    }
    return readable(id);
  };
}

function matches(resource: ListedResource, { equals }: Filter): boolean {
  const same = (name: string, value: string) => {
    const wanted = equals.get(name)?.toLowerCase();
    return wanted === undefined || wanted === value.toLowerCase();
  };
  return (
    same("name", resource.name) &&
    same("location", resource.location) &&
    same("resourcegroup", resource.id.split("/")[4] ?? "") &&
    hasTag(resource.tags ?? {}, equals.get("tagname"), equals.get("tagvalue"))
  );
}

function hasTag(tags: Record<string, string>, name: string | undefined, value: string | undefined): boolean {
  if (name === undefined && value === undefined) return true;
  return Object.entries(tags).some(
    ([key, text]) =>
      (name === undefined || key.toLowerCase() === name.toLowerCase()) && (value === undefined || text === value),
  );
}

function body(resource: ListedResource, expand: ReadonlySet<string>) {
  const { id, name, type, location, tags = {}, kind, sku, createdAt } = resource;
  return {
    id,
    name,
    type,
    location,
    tags,
    ...(kind === undefined ? {} : { kind }),
    ...(sku === undefined ? {} : { sku }),
    ...(expand.has("createdtime") && createdAt !== undefined ? { createdTime: iso(createdAt) } : {}),
    ...(expand.has("changedtime") && createdAt !== undefined ? { changedTime: iso(createdAt) } : {}),
    ...(expand.has("provisioningstate") ? { provisioningState: "Succeeded" } : {}),
  };
}
