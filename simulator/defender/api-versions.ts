import type { ResourceTypes } from "../arm/resource-types";

const ALERTS = ["2022-01-01", "2021-11-01", "2021-01-01", "2020-01-01", "2019-01-01"];
/** Alerts can be in progress since this version only. */
const IN_PROGRESS = ["2022-01-01"];
const ASSESSMENTS = ["2021-06-01", "2020-01-01", "2019-01-01-preview"];
const SUB_ASSESSMENTS = ["2020-01-01", "2019-01-01-preview"];
const SCORES = ["2020-01-01", "2020-01-01-preview"];
const AUTOMATIONS = ["2023-12-01-preview", "2019-01-01-preview"];
const SETTINGS = ["2022-05-01", "2021-07-01", "2021-06-01", "2019-01-01"];

export const DEFENDER_TYPES: ResourceTypes = {
  "microsoft.security": {
    pricings: ["2024-01-01", "2023-01-01", "2022-03-01", "2018-06-01"],
    alerts: ALERTS,
    locations: ["2015-06-01-preview"],
    "locations/alerts": ALERTS,
    "locations/alerts/dismiss": ALERTS,
    "locations/alerts/resolve": ALERTS,
    "locations/alerts/activate": ALERTS,
    "locations/alerts/inprogress": IN_PROGRESS,
    "locations/alerts/simulate": ALERTS,
    "locations/operationresults": ALERTS,
    alertssuppressionrules: ["2020-01-01-preview", "2019-01-01-preview"],
    assessments: ASSESSMENTS,
    assessmentmetadata: ASSESSMENTS,
    "assessments/subassessments": SUB_ASSESSMENTS,
    subassessments: SUB_ASSESSMENTS,
    securescores: SCORES,
    "securescores/securescorecontrols": SCORES,
    securescorecontrols: SCORES,
    securescorecontroldefinitions: SCORES,
    automations: AUTOMATIONS,
    "automations/validate": AUTOMATIONS,
    settings: SETTINGS,
  },
  "microsoft.compute": {
    virtualmachines: ["2025-04-01", "2024-11-01", "2024-07-01", "2024-03-01", "2023-09-01", "2023-03-01", "2022-03-01"],
  },
};
