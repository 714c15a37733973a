import type { Json, JsonObject } from "../json";

/** A resource as policies see it. */
export interface PolicyResource {
  id: string;
  name: string;
  /** `parent/child` of a child resource; the name of any other. */
  fullName: string;
  /** `Microsoft.KeyVault/vaults` */
  type: string;
  kind?: string;
  location?: string;
  tags?: Readonly<Record<string, string>>;
  identity?: JsonObject;
  /** What aliases read. Made when first asked for: most rules look at tags or type only. */
  properties(): JsonObject;
  subscription: { id: string; subscriptionId: string; displayName: string };
  resourceGroup?: { id: string; name: string; location: string; tags: Readonly<Record<string, string>> };
}

/** Everything that a condition may read while one resource is judged. */
export interface Scope {
  resource: PolicyResource;
  /** By lower-case name. */
  parameters: ReadonlyMap<string, Json>;
  /** Milliseconds since 1970. */
  now: number;
  assignmentId: string;
  definitionId: string;
  /** The members that `count` stands on, by lower-case array alias or by the name of a counted value; innermost last. */
  elements: readonly { key: string; value: Json }[];
}

/** Reads a value; undefined is what is not there. Throws `TemplateError`. */
export type Evaluate = (scope: Scope) => Json | undefined;
