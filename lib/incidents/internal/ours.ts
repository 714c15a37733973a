import "server-only";
import { z } from "zod";
import { type IncidentAlert, listIncidentAlerts } from "@/lib/azure/incident-contents";
import { getIncident, type SentinelIncident } from "@/lib/azure/incidents";
import type { UserContext } from "@/lib/context";
import { ruleIds } from "@/lib/detection/rule-export";
import type { About } from "../containment.pure";
import { noIncident } from "./state";

/** One of our incidents, with its alerts. */
export interface OwnIncident {
  sentinel: SentinelIncident;
  alerts: IncidentAlert[];
  about: About;
}

/**
 * Reads an incident (GUID) and its alerts with the person's own token. Ours by the id of a rule, its own or that of one of
 * its alerts, since incidents of the Defender portal do not carry the former; never by title.
 *
 * @throws AppError `not_found` when there is none, and just the same when it is another's
 */
export async function requireOurs({ config, asUser }: UserContext, name: string): Promise<OwnIncident> {
  // What cannot be an id comes from an address that somebody typed, and is put into no address of Azure.
  if (!z.guid().safeParse(name).success) throw noIncident();
  const { resourceId } = config.workspace;
  const sentinel = await getIncident(asUser, resourceId, name);
  if (!sentinel) throw noIncident();
  const alerts = await listIncidentAlerts(asUser, resourceId, name);
  const own = new Set(ruleIds());
  const raisedBy = [...sentinel.ruleIds, ...alerts.flatMap(({ ruleId }) => ruleId ?? [])];
  if (!raisedBy.some((id) => own.has(id))) throw noIncident();
  return { sentinel, alerts, about: aboutOf(raisedBy.filter((id) => own.has(id))) };
}

/** Silence only where nothing else is in it: the Defender portal joins incidents, and a touch must not be overlooked. */
function aboutOf(raisedBy: readonly string[]): About {
  const silent = new Set(ruleIds("honeytoken-vault-silent"));
  return raisedBy.every((id) => silent.has(id)) ? "silence" : "touch";
}
