import type { ResourceTypes } from "../arm/resource-types";

export const POLICY_TYPES: ResourceTypes = {};
