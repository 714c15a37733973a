import { isObject, type Json, member } from "../json";
import { aliasNamed } from "./aliases";
import { RuleError } from "./errors";
import type { Evaluate, PolicyResource, Scope } from "./scope";

/** A field of a resource, by what a rule calls it. */
export interface Field {
  /** What the field is to the decision whether a policy applies at all: only these three count there. */
  decides?: "type" | "name" | "kind";
  /** Set for `tags['x']`: the name of the tag. */
  tag?: string;
  read: Evaluate;
  /**
   * Set for list aliases (`[*]`): every value that is selected; a condition holds when it holds for each. Undefined where
   * a count stands on one member already.
   */
  each?: (scope: Scope) => Json[] | undefined;
}

const fields = new Map<string, Field>();

/** Names are hostile input; what is remembered is bounded. */
const REMEMBERED_MAX = 2000;

/** The field of that name, or `RuleError` InvalidPolicyAlias for a name that no resource here has. */
export function fieldNamed(name: string): Field {
  const known = fields.get(name);
  if (known) return known;
  const field = makeField(name);
  if (fields.size >= REMEMBERED_MAX) fields.clear();
  fields.set(name, field);
  return field;
}

function makeField(name: string): Field {
  const lower = name.toLowerCase();
  const plain = Object.hasOwn(PLAIN, lower) ? PLAIN[lower] : undefined;
  if (plain) {
    const field: Field = { read: ({ resource }) => plain(resource) };
    if (lower === "type" || lower === "name" || lower === "kind") field.decides = lower;
    return field;
  }
  const tag = tagNamed(name);
  if (tag !== undefined) return { tag, read: ({ resource }) => tagOf(resource, tag) };
  return aliasField(name);
}

const PLAIN: Readonly<Record<string, (resource: PolicyResource) => Json | undefined>> = {
  name: ({ name }) => name,
  fullname: ({ fullName }) => fullName,
  kind: ({ kind }) => kind,
  type: ({ type }) => type,
  location: ({ location }) => location,
  id: ({ id }) => id,
  tags: ({ tags }) => (tags && Object.keys(tags).length > 0 ? { ...tags } : undefined),
  "identity.type": ({ identity }) => member(identity, "type"),
};

/** `tags['a b']`, `tags['''a''']` for a name with quotes, `tags[a]`, `tags.a`. */
function tagNamed(name: string): string | undefined {
  const bracket = /^tags\[(.+)\]$/is.exec(name)?.[1];
  if (bracket === undefined) return /^tags\.(.+)$/is.exec(name)?.[1];
  const quoted = /^'(.*)'$/s.exec(bracket)?.[1];
  if (quoted === undefined) return bracket;
  return quoted.replaceAll("''", "'");
}

function tagOf({ tags }: PolicyResource, name: string): string | undefined {
  if (!tags) return undefined;
  if (Object.hasOwn(tags, name)) return tags[name];
  const wanted = name.toLowerCase();
  for (const key of Object.keys(tags)) if (key.toLowerCase() === wanted) return tags[key];
  return undefined;
}

function aliasField(name: string): Field {
  const alias = aliasNamed(name);
  if (!alias) {
    throw new RuleError(
      "InvalidPolicyAlias",
      `The policy definition is invalid. The 'field' property '${name}' of the policy rule doesn't exist as an alias of any resource type of this tenant.`,
    );
  }
  const { path, type } = alias;
  const lower = name.toLowerCase();
  const place = (scope: Scope): { from: Json; path: string[] } | undefined => {
    const standing = scope.elements.findLast(
      ({ key }) => lower === key || lower.startsWith(`${key}.`) || lower.startsWith(`${key}[`),
    );
    if (standing) return { from: standing.value, path: restOf(path, standing.key) };
    if (scope.resource.type.toLowerCase() !== type) return undefined;
    return { from: scope.resource.properties(), path };
  };
  const each = (scope: Scope): Json[] | undefined => {
    const at = place(scope);
    if (!at) return [];
    // Where a count stands on one member, what is read of it is one value.
    return at.path.includes("*") ? selected(at.from, at.path) : undefined;
  };
  const one = (scope: Scope): Json | undefined => {
    const at = place(scope);
    return at && selected(at.from, at.path)[0];
  };
  if (!path.includes("*")) return { read: one };
  return { read: (scope) => each(scope) ?? one(scope), each };
}

/** What is left of a path when `count` already stands on a member of the list `key`. */
function restOf(path: string[], key: string): string[] {
  return path.slice(
    key
      .slice(key.lastIndexOf("/") + 1)
      .replaceAll("[*]", ".*")
      .split(".").length,
  );
}

function selected(value: Json, path: readonly string[]): Json[] {
  let found: Json[] = [value];
  for (const part of path) {
    const next: Json[] = [];
    for (const item of found) {
      if (part === "*") {
        if (Array.isArray(item)) next.push(...item);
      } else if (isObject(item)) {
        const inner = member(item, part);
        if (inner !== undefined) next.push(inner);
      }
    }
    found = next;
  }
  return found;
}
