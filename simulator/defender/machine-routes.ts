import { hasAnyAccess, normaliseScope, scopeCovers, scopesWith } from "../access";
import { authorizationFailed, resourceNotFound } from "../arm/errors";
import { inheritedBy } from "../arm/filter";
import { ok, page } from "../arm/respond";
import { authorize, requireGroup } from "../arm/scope";
import type { Call } from "../context";
import type { Router, SimResponse } from "../http";
import { type Machine, machineProperties, worldMachines } from "./machines";

const TYPE = "Microsoft.Compute/virtualMachines";
const READ = `${TYPE}/read`;

/** Virtual machines, to read: they are there because security findings lie on them. */
export function routeMachines(router: Router<Call>): void {
  router.on("GET", `/subscriptions/{s}/providers/${TYPE}`, (call, params) => list(call, `/subscriptions/${params.s}`));

  router.on("GET", `/subscriptions/{s}/resourceGroups/{g}/providers/${TYPE}`, (call, params) => {
    const scope = `/subscriptions/${params.s}/resourceGroups/${params.g}`;
    if (!hasAnyAccess(call, call.caller, scope)) throw authorizationFailed(call, READ, `${scope}/providers/${TYPE}`);
    requireGroup(call, params.s ?? "", params.g ?? "");
    return list(call, scope);
  });

  router.on("GET", `/subscriptions/{s}/resourceGroups/{g}/providers/${TYPE}/{n}`, (call, params) => {
    const id = `/subscriptions/${params.s}/resourceGroups/${params.g}/providers/${TYPE}/${params.n}`;
    authorize(call, READ, id);
    requireGroup(call, params.s ?? "", params.g ?? "");
    const found = worldMachines(call).find((machine) => machine.id.toLowerCase() === id.toLowerCase());
    if (!found) throw resourceNotFound(`${TYPE}/${params.n}`, params.g ?? "");
    return ok(machineBody(found));
  });
}

function list(call: Call, scope: string): SimResponse {
  if (!hasAnyAccess(call, call.caller, scope)) throw authorizationFailed(call, READ, `${scope}/providers/${TYPE}`);
  const readable = inheritedBy(scopesWith(call, call.caller, READ));
  const at = normaliseScope(scope);
  const found = worldMachines(call).filter(({ id }) => scopeCovers(at, normaliseScope(id)) && readable(id));
  return ok(page(call, found.map(machineBody), ({ id }) => id, 1000));
}

function machineBody(machine: Machine) {
  const { id, name, location, tags } = machine;
  return { id, name, type: TYPE, location, tags, properties: machineProperties(machine) };
}
