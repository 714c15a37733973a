import type { ResourceTypes } from "../arm/resource-types";

export const MONITOR_TYPES: ResourceTypes = {};
