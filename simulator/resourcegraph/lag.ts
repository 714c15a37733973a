import type { Context } from "../context";
import type { Model } from "../model";

/** The collections that Resource Graph shows. */
export type GraphCollection = "vaults" | "resourceGroups" | "roleAssignments";

interface Pending {
  /** The document before the change; absent when it was made by it. */
  previous: unknown;
  visibleAt: number;
}

interface Lag {
  /** Changes that are not shown yet, oldest first, by `{collection} {key}`. */
  pending: Map<string, Pending[]>;
  /** Grows whenever what is shown may have changed for a reason other than a write. */
  generation: number;
}

const lags = new WeakMap<Model, Lag>();

function lagOf(context: Context): Lag {
  let lag = lags.get(context.model);
  if (!lag) {
    lag = { pending: new Map(), generation: 0 };
    lags.set(context.model, lag);
  }
  return lag;
}

/**
 * Writes a document (or deletes it, without `next`) so that Resource Graph shows the change only after
 * `delays.resourceGraph`. After a restart of the simulator a pending change is shown at once.
 */
export function changeDocument<N extends GraphCollection>(
  context: Context,
  name: N,
  key: string,
  next: ReturnType<Model[N]["get"]>,
): void {
  const lag = lagOf(context);
  const id = `${name} ${key.toLowerCase()}`;
  const changes = lag.pending.get(id) ?? [];
  changes.push({
    previous: context.model[name].get(key),
    visibleAt: context.now() + context.settings.delays.resourceGraph,
  });
  lag.pending.set(id, changes);
  lag.generation++;
  write(context, name, key, next);
}

function write(context: Context, name: GraphCollection, key: string, next: unknown): void {
  // `changeDocument` ties the type of `next` to the collection; over the union of names the compiler cannot.
  const collection = context.model[name] as { put(key: string, value: unknown): void; delete(key: string): boolean };
  if (next === undefined) collection.delete(key);
  else collection.put(key, next);
}

/** Changes whenever the shown state may have, and not otherwise. Forgets what has become visible. */
export function graphVersion(context: Context): string {
  const lag = lagOf(context);
  const now = context.now();
  for (const [id, changes] of lag.pending) {
    const left = changes.filter((change) => change.visibleAt > now);
    if (left.length === changes.length) continue;
    lag.generation++;
    if (left.length === 0) lag.pending.delete(id);
    else lag.pending.set(id, left);
  }
  const { subscriptions, resourceGroups, vaults, workspaces, principals, roleAssignments, roleDefinitions } =
    context.model;
  return [
    lag.generation,
    subscriptions.version,
    resourceGroups.version,
    vaults.version,
    workspaces.version,
    principals.version,
    roleAssignments.version,
    roleDefinitions.version,
  ].join(".");
}

/** The documents of a collection as Resource Graph shows them now. */
export function shownDocuments<N extends GraphCollection>(
  context: Context,
  name: N,
): NonNullable<ReturnType<Model[N]["get"]>>[] {
  type Document = NonNullable<ReturnType<Model[N]["get"]>>;
  const now = context.now();
  const hidden = new Map<string, unknown>();
  for (const [id, changes] of lagOf(context).pending) {
    const first = changes.find((change) => change.visibleAt > now);
    if (first && id.startsWith(`${name} `)) hidden.set(id.slice(name.length + 1), first.previous);
  }
  const shown: Document[] = [];
  for (const [key, document] of context.model[name].entries()) {
    // The entries of a collection named N are documents of N.
    if (!hidden.has(key)) shown.push(document as Document);
  }
  for (const previous of hidden.values()) if (previous !== undefined) shown.push(previous as Document);
  return shown;
}
