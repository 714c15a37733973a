import type { Context } from "../context";
import type { Incident } from "./documents";

/** The incident in another status: closing notes the time, reopening takes classification and time of closing away. */
export function withStatus(context: Context, incident: Incident, status: Incident["status"]): Incident {
  if (status === "Closed") return { ...incident, status, closedAt: incident.closedAt ?? context.now() };
  const { classification: _c, classificationReason: _r, classificationComment: _t, closedAt: _a, ...open } = incident;
  return { ...open, status };
}
