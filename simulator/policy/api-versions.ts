import type { ResourceTypes } from "../arm/resource-types";

const DEFINITIONS = [
  ...["2025-03-01", "2025-01-01", "2024-05-01", "2023-04-01", "2021-06-01", "2020-09-01", "2020-03-01"],
  ...["2019-09-01", "2019-06-01", "2019-01-01", "2018-05-01", "2018-03-01", "2016-12-01"],
];
const EXEMPTIONS = ["2024-12-01-preview", "2022-07-01-preview", "2020-07-01-preview"];
const STATES = ["2024-10-01", "2019-10-01", "2018-07-01-preview", "2018-04-04"];
const REMEDIATIONS = ["2024-10-01", "2021-10-01", "2019-07-01"];
const GROUPS = ["2023-04-01", "2021-04-01", "2020-10-01", "2020-05-01", "2020-02-01"];

export const POLICY_TYPES: ResourceTypes = {
  "microsoft.authorization": {
    policydefinitions: DEFINITIONS,
    policysetdefinitions: DEFINITIONS,
    policyassignments: DEFINITIONS,
    policyexemptions: EXEMPTIONS,
  },
  "microsoft.policyinsights": {
    "policystates/queryresults": STATES,
    "policystates/summarize": STATES,
    "policystates/triggerevaluation": STATES,
    asyncoperationresults: STATES,
    remediations: REMEDIATIONS,
    "remediations/cancel": REMEDIATIONS,
    "remediations/listdeployments": REMEDIATIONS,
  },
  "microsoft.management": {
    managementgroups: GROUPS,
    "managementgroups/descendants": GROUPS,
    "managementgroups/subscriptions": GROUPS,
  },
};
