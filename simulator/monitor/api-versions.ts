import type { ResourceTypes } from "../arm/resource-types";

const STORAGE = [
  "2026-09-01",
  "2026-06-01",
  "2026-04-01",
  "2025-08-01",
  "2025-06-01",
  "2025-01-01",
  "2024-01-01",
  "2023-05-01",
  "2023-01-01",
  "2022-09-01",
  "2021-09-01",
  "2021-04-01",
  "2019-06-01",
];
const ACTION_GROUPS = [
  "2024-10-01-preview",
  "2023-09-01-preview",
  "2023-01-01",
  "2022-06-01",
  "2021-09-01",
  "2019-06-01",
];
const QUERY_RULES = [
  "2025-01-01-preview",
  "2024-01-01-preview",
  "2023-12-01",
  "2023-03-15-preview",
  "2022-08-01-preview",
  "2022-06-15",
  "2021-08-01",
];

export const MONITOR_TYPES: ResourceTypes = {
  "microsoft.insights": {
    actiongroups: ACTION_GROUPS,
    scheduledqueryrules: QUERY_RULES,
    "eventtypes/values": ["2017-03-01-preview", "2015-04-01", "2014-04-01"],
  },
  "microsoft.storage": {
    storageaccounts: STORAGE,
    "storageaccounts/listkeys": STORAGE,
    "storageaccounts/regeneratekey": STORAGE,
    checknameavailability: STORAGE,
  },
};
