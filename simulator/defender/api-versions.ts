import type { ResourceTypes } from "../arm/resource-types";

export const DEFENDER_TYPES: ResourceTypes = {};
