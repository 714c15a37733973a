import type { Context } from "../context";
import type { Model } from "../model";
import type { ManagementGroup } from "./documents";

/*
 * The tree of management groups with the subscriptions below it. Ids of subscriptions do not name their groups, so what
 * is set on a group reaches its subscriptions through this tree and not by prefix.
 */

const GROUP = /^\/providers\/microsoft\.management\/managementgroups\/([^/]+)$/i;

export function managementGroupId(name: string): string {
  return `/providers/Microsoft.Management/managementGroups/${name}`;
}

/** The name of the group that a scope is, or undefined for any other scope. */
export function managementGroupOf(scope: string): string | undefined {
  return GROUP.exec(scope)?.[1];
}

interface Tree {
  version: string;
  /** Names of a subscription's groups, the nearest first, by lower-case subscription id. */
  above: Map<string, string[]>;
  /** Normalised scopes below a group, itself first, by lower-case name: groups and subscriptions. */
  below: Map<string, string[]>;
}

const trees = new WeakMap<Model, Tree>();

/** Changes with every change of the tree. */
export function hierarchyVersion({ managementGroups, subscriptionPlacements, subscriptions }: Model): string {
  return `${managementGroups.version}.${subscriptionPlacements.version}.${subscriptions.version}`;
}

function treeOf(model: Model): Tree {
  const version = hierarchyVersion(model);
  let tree = trees.get(model);
  if (tree?.version !== version) {
    tree = makeTree(model, version);
    trees.set(model, tree);
  }
  return tree;
}

function makeTree(model: Model, version: string): Tree {
  const tree: Tree = { version, above: new Map(), below: new Map() };
  const groups = [...model.managementGroups.values()];
  for (const { name } of groups) tree.below.set(name.toLowerCase(), [managementGroupId(name).toLowerCase()]);
  for (const { name } of groups) {
    for (const above of chainOf(model, name).slice(1)) add(tree.below, above, managementGroupId(name).toLowerCase());
  }
  const root = rootOf(model)?.name;
  for (const { id } of model.subscriptions.values()) {
    const chain = chainOf(model, model.subscriptionPlacements.get(id)?.group ?? root);
    tree.above.set(id.toLowerCase(), chain);
    for (const name of chain) add(tree.below, name, `/subscriptions/${id.toLowerCase()}`);
  }
  return tree;
}

function add(map: Map<string, string[]>, name: string, scope: string): void {
  const key = name.toLowerCase();
  const list = map.get(key);
  if (list) list.push(scope);
  else map.set(key, [scope]);
}

function rootOf(model: Model): ManagementGroup | undefined {
  for (const group of model.managementGroups.values()) if (group.parent === undefined) return group;
  return undefined;
}

/** The group and those above it, nearest first; bounded, so that a ring of parents would end. */
function chainOf(model: Model, name: string | undefined): string[] {
  const chain: string[] = [];
  let at = name === undefined ? undefined : model.managementGroups.get(name);
  while (at && chain.length < 10) {
    chain.push(at.name);
    at = at.parent === undefined ? undefined : model.managementGroups.get(at.parent);
  }
  return chain;
}

/** Names of the management groups above a scope (the group itself included when it is one), nearest first. */
export function groupsAbove(context: Pick<Context, "model">, scope: string): string[] {
  const group = managementGroupOf(scope);
  if (group !== undefined) return chainOf(context.model, group);
  const subscription = /^\/subscriptions\/([^/]+)/i.exec(scope)?.[1];
  return subscription === undefined ? [] : (treeOf(context.model).above.get(subscription.toLowerCase()) ?? []);
}

/**
 * The normalised scopes at which something set at `scope` (normalised) holds by prefix: the scope itself, or for a
 * management group also every group and subscription below it.
 */
export function reachOf(model: Model, scope: string): string[] {
  const group = managementGroupOf(scope);
  if (group === undefined) return [scope];
  return treeOf(model).below.get(group.toLowerCase()) ?? [scope];
}

/** Lower-case ids of the subscriptions below a group, at any depth. */
export function subscriptionsBelow(context: Pick<Context, "model">, group: string): string[] {
  return reachOf(context.model, managementGroupId(group).toLowerCase()).flatMap(
    (scope) => /^\/subscriptions\/([^/]+)$/.exec(scope)?.[1] ?? [],
  );
}
