import { z } from "zod";
import type { Call } from "../context";
import type { Router, SimResponse } from "../http";
import { applyModify } from "../policy/enforce";
import { changeDocument } from "../resourcegraph/lag";
import { recordActivity } from "./activity";
import { badRequest } from "./errors";
import { ok, readBody } from "./respond";
import { authorize, requireScope, type Scope } from "./scope";
import { checkTags } from "./tag-rules";
import { auditVaultCall } from "./vault-audit";

const PATH = "/{scope*}/providers/Microsoft.Resources/tags/default";
const Tags = z.object({ tags: z.record(z.string(), z.string()).nullish() });
const PatchBody = z.object({ operation: z.enum(["Merge", "Replace", "Delete"]), properties: Tags });
const PutBody = z.object({ properties: Tags });

type TagMap = Record<string, string>;

/** Tags of a vault, a workspace or a resource group as a resource of their own: get, patch (Merge, Replace, Delete), put, delete. */
export function routeTags(router: Router<Call>): void {
  router.on("GET", PATH, (call, params) => {
    authorize(call, "Microsoft.Resources/tags/read", params.scope ?? "");
    const scope = requireScope(call, params.scope ?? "");
    return ok(body(scope, tagsOf(scope)));
  });

  router.on("PATCH", PATH, (call, params) =>
    change(call, params, (present) => {
      const { operation, properties } = readBody(call, PatchBody, "InvalidRequestContent");
      return changeTags(operation, present, properties.tags ?? {});
    }),
  );

  router.on("PUT", PATH, (call, params) =>
    change(call, params, () => readBody(call, PutBody, "InvalidRequestContent").properties.tags ?? {}),
  );

  router.on("DELETE", PATH, (call, params) => {
    change(call, params, () => ({}));
    return { status: 200 };
  });
}

/**
 * The tags after a patch. Names compare without case; a merged tag keeps the casing it has. `Delete` takes the named
 * tags: all of a name when the value is empty, else only where the value is that one.
 */
function changeTags(operation: "Merge" | "Replace" | "Delete", present: TagMap, given: TagMap): TagMap {
  if (operation === "Replace") return given;
  const lower = new Map(Object.keys(present).map((name) => [name.toLowerCase(), name]));
  const result = { ...present };
  for (const [name, value] of Object.entries(given)) {
    const key = lower.get(name.toLowerCase()) ?? name;
    if (operation === "Merge") result[key] = value;
    else if (value === "" || result[key] === value) delete result[key];
  }
  return result;
}

function change(call: Call, params: Record<string, string>, next: (present: TagMap) => TagMap): SimResponse {
  const action = "Microsoft.Resources/tags/write";
  authorize(call, action, params.scope ?? "");
  const scope = requireScope(call, params.scope ?? "");
  const tags = write(call, scope, checkTags(next(tagsOf(scope))));
  recordActivity(call, { action, scope: scope.id, status: 200 });
  return ok(body(scope, tags));
}

function tagsOf(scope: Scope): TagMap {
  if (scope.kind === "vault") return scope.vault.tags;
  if (scope.kind === "resourceGroup") return scope.group.tags;
  if (scope.kind === "workspace") return scope.workspace.tags ?? {};
  return {};
}

/** Stores the tags as the policies in force leave them. */
function write(call: Call, scope: Scope, tags: TagMap): TagMap {
  if (scope.kind === "vault") {
    const changed = applyModify(call, { ...scope.vault, tags });
    changeDocument(call, "vaults", scope.vault.id, changed);
    auditVaultCall(call, changed, "VaultPatch", 200);
    return changed.tags;
  }
  if (scope.kind === "resourceGroup") {
    const changed = applyModify(call, { ...scope.group, tags });
    changeDocument(call, "resourceGroups", scope.group.id, changed);
    return changed.tags;
  }
  if (scope.kind === "workspace") {
    call.model.workspaces.put(scope.workspace.id, { ...scope.workspace, tags });
    return tags;
  }
  throw badRequest(`The simulated tenant keeps no tags on a ${scope.kind}.`, "TagsNotSupportedForResource");
}

function body(scope: Scope, tags: TagMap) {
  return {
    id: `${scope.id}/providers/Microsoft.Resources/tags/default`,
    name: "default",
    type: "Microsoft.Resources/tags",
    properties: { tags },
  };
}
