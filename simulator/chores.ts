import { roleScheduleEnds } from "./arm/role-schedule-ends";
import type { Chore } from "./clock";
import type { Context } from "./context";
import { defenderSync } from "./graph/defender-sync";
import { queryQueueChore } from "./loganalytics/concurrency";
import { playsOf } from "./plays/runner";
import { policyChore } from "./policy/tick";
import { Clockwork } from "./sentinel/clockwork/clockwork";
import { incidentChore } from "./sentinel/clockwork/incidents";

/** What happens by itself as time passes; at one moment, in this order. */
export function allChores(context: Context): Chore[] {
  return [
    queryQueueChore(context),
    roleScheduleEnds(context),
    playsOf(context),
    policyChore(context),
    incidentChore(context),
    defenderSync(context),
    new Clockwork(context),
  ];
}
