import "server-only";
import type { BatchQuery } from "@/lib/azure/logs";
import { ruleIds } from "@/lib/detection/rule-export";
import { readKql, withoutComments } from "@/lib/kql-files";
import { AlertColumns, IncidentColumns } from "./internal/shape";

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** Alerts come before their incidents, and are read that much further back. */
const EARLIER_DAYS = 2;

/**
 * The queries of the list of incidents for the last `days` days before `now`: the incidents, and the alerts. The range
 * begins at a full hour, so that the polls of an hour ask the very same thing, which the workspace has a plan for.
 */
export function listQueries(days: number, now: Date): [BatchQuery<IncidentColumns>, BatchQuery<AlertColumns>] {
  const shared = {
    // Of both bodies of each rule: incidents of one that is off now were raised while it was on.
    parameters: { since: new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS - days * DAY_MS), ruleIds: ruleIds() },
    timespan: `P${days + EARLIER_DAYS + 1}D`,
    allowPartial: true,
  };
  const kql = (name: string) => withoutComments(readKql(`lib/incidents/queries/${name}.kql`));
  return [
    { ...shared, kql: kql("incidents"), schema: IncidentColumns },
    { ...shared, kql: kql("alerts"), schema: AlertColumns },
  ];
}
