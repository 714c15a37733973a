import { z } from "zod";
import { recordActivity } from "../arm/activity";
import { badRequest } from "../arm/errors";
import { noContent, readBody } from "../arm/respond";
import type { Call } from "../context";
import type { Router } from "../http";
import { incidentId } from "./incident-facts";
import { INCIDENT, requireIncident } from "./incidents";
import { startPlaybook } from "./playbooks";
import { sentinelWorkspace } from "./workspace";

const RUN = "Microsoft.SecurityInsights/incidents/runPlaybook/action";

const Body = z.object({
  tenantId: z.guid().nullish(),
  logicAppsResourceId: z
    .string()
    .regex(
      /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Logic\/workflows\/[^/]+$/i,
      "must be the id of a logic app",
    ),
});

/** `POST .../incidents/{i}/runPlaybook`: answers 204 and keeps the start; no logic app runs here. */
export function routeIncidentPlaybook(router: Router<Call>): void {
  router.on("POST", `${INCIDENT}/runPlaybook`, (call, params) => {
    const workspace = sentinelWorkspace(call, params, RUN, `incidents/${params.i}`);
    const incident = requireIncident(call, workspace, params);
    const { logicAppsResourceId } = readBody(call, Body);
    if (!startPlaybook(call, incident, logicAppsResourceId, call.caller.oid)) {
      throw badRequest(
        `Missing required permissions for Microsoft Sentinel on the playbook resource '${logicAppsResourceId}'`,
      );
    }
    recordActivity(call, { action: RUN, scope: incidentId(incident), status: 204 });
    return noContent();
  });
}
