import type { ResourceTypes } from "../arm/resource-types";

const SENTINEL = [
  "2025-09-01",
  "2025-06-01",
  "2025-03-01",
  "2024-09-01",
  "2024-03-01",
  "2023-11-01",
  "2023-02-01",
  "2022-11-01",
  "2022-10-01-preview",
  "2022-09-01-preview",
  "2022-08-01",
  "2021-10-01",
  "2021-10-01-preview",
];

export const SENTINEL_TYPES: ResourceTypes = {
  "microsoft.securityinsights": {
    watchlists: SENTINEL,
    "watchlists/watchlistitems": SENTINEL,
    alertrules: SENTINEL,
    onboardingstates: SENTINEL,
    incidents: SENTINEL,
    "incidents/comments": SENTINEL,
    "incidents/relations": SENTINEL,
    "incidents/alerts": SENTINEL,
    "incidents/entities": SENTINEL,
    "incidents/bookmarks": SENTINEL,
    "incidents/tasks": SENTINEL.filter((version) => version >= "2024"),
    "incidents/runplaybook": SENTINEL.filter((version) => version.endsWith("-preview") || version >= "2025"),
    bookmarks: SENTINEL,
    automationrules: SENTINEL,
    "alertrules/actions": SENTINEL,
    alertruletemplates: SENTINEL,
    operations: SENTINEL,
  },
};
