/** API versions that a resource type accepts, newest first, by lower-case namespace and type (`vaults/accesspolicies`). */
export type ResourceTypes = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
