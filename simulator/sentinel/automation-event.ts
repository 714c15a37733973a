import type { Incident } from "./documents";

/** Who or what changed an incident, as the condition "Updated by" names it. */
export type UpdateSource = "User" | "Application" | "AlertGrouping" | "AutomationRule" | "Playbook" | "Other";

/** What happened to an incident. `previous` and `source` belong to updates. */
export interface IncidentEvent {
  trigger: "Created" | "Updated";
  /** As stored. */
  incident: Incident;
  /** As it was before the update. */
  previous?: Incident;
  source?: UpdateSource;
  /** A comment was written. */
  commentAdded?: true;
}
