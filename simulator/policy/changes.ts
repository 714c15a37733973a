import type { NetworkAcls, ResourceGroup, Vault } from "../model";
import type { Json } from "./json";
import type { Operation } from "./language/effects";
import { TemplateError } from "./language/errors";
import { fieldNamed } from "./language/fields";
import type { Scope } from "./language/scope";

/** What a policy may change here. */
export type Changeable = Vault | ResourceGroup;

/** One change, worked out for one resource. `value` is absent when the field is to be taken away. */
export interface Change {
  kind: Operation["kind"];
  field: string;
  value?: Json;
}

/** The changes that a rule's operations ask for on this resource. Throws `TemplateError`. */
export function changesOf(operations: readonly Operation[], scope: Scope): Change[] {
  return operations
    .filter((operation) => operation.condition(scope) === true)
    .map(({ kind, field, value }) => {
      const name = field(scope);
      if (typeof name !== "string") throw new TemplateError("The field of an operation is not text.");
      return kind === "remove" ? { kind, field: name } : { kind, field: name, value: value(scope) ?? null };
    });
}

/** What came of a change: the document after it, the same document when there is nothing to do, or why it cannot be. */
export type Outcome<T> = { document: T } | { refused: string };

/** Changes a document. `add` leaves a present value alone, and one that differs stands against the change. */
export function withChange<T extends Changeable>(document: T, change: Change): Outcome<T> {
  const { tag } = fieldNamed(change.field);
  if (tag !== undefined) return withTag(document, tag, change);
  if (!("accessPolicies" in document)) {
    return { refused: `The field '${change.field}' cannot be changed on a resource group.` };
  }
  const outcome = settingsAfter(document, change);
  if ("refused" in outcome) return outcome;
  return { document: Object.keys(outcome.settings).length > 0 ? { ...document, ...outcome.settings } : document };
}

function withTag<T extends Changeable>(document: T, name: string, { kind, value }: Change): Outcome<T> {
  const present = Object.keys(document.tags).find((key) => key.toLowerCase() === name.toLowerCase());
  if (kind === "remove") {
    if (present === undefined) return { document };
    const { [present]: _, ...tags } = document.tags;
    return { document: { ...document, tags } };
  }
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (present !== undefined && document.tags[present] === text) return { document };
  if (present !== undefined && kind === "add") {
    return { refused: `The tag '${name}' has another value, which the operation 'add' does not replace.` };
  }
  return { document: { ...document, tags: { ...document.tags, [present ?? name]: text } } };
}

type Settings = Partial<Pick<Vault, "publicNetworkAccess" | "networkAcls">>;

/** The settings of a vault behind its modifiable aliases, as far as a change touches them. */
function settingsAfter(vault: Vault, { kind, field, value }: Change): { settings: Settings } | { refused: string } {
  const acls: NetworkAcls = vault.networkAcls ?? {
    bypass: "AzureServices",
    defaultAction: "Allow",
    ipRules: [],
    virtualNetworkRules: [],
  };
  const choose = <V extends string>(
    values: readonly V[],
    present: V | undefined,
    settings: (wanted: V) => Settings,
  ): { settings: Settings } | { refused: string } => {
    const wanted =
      typeof value === "string" ? values.find((one) => one.toLowerCase() === value.toLowerCase()) : undefined;
    if (wanted === undefined) return { refused: `The value for the field '${field}' is not one that it takes.` };
    if (wanted === present) return { settings: {} };
    if (kind !== "add" || present === undefined) return { settings: settings(wanted) };
    return { refused: `The field '${field}' has another value, which the operation 'add' does not replace.` };
  };
  switch (field.slice(field.lastIndexOf("/") + 1).toLowerCase()) {
    case "publicnetworkaccess":
      return choose(["Enabled", "Disabled"], vault.publicNetworkAccess, (publicNetworkAccess) => ({
        publicNetworkAccess,
      }));
    case "networkacls.defaultaction":
      return choose(["Allow", "Deny"], vault.networkAcls?.defaultAction, (defaultAction) => ({
        networkAcls: { ...acls, defaultAction },
      }));
    case "networkacls.bypass":
      return choose(["AzureServices", "None"], vault.networkAcls?.bypass, (bypass) => ({
        networkAcls: { ...acls, bypass },
      }));
    default:
      return { refused: `The field '${field}' cannot be changed by a policy.` };
  }
}
