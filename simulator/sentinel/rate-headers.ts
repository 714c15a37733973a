import type { SimRequest } from "../http";

const PROVIDER = /\/providers\/Microsoft\.SecurityInsights\/(.*)$/i;
const REMAINING = /^x-ms-ratelimit-remaining-subscription-(?:reads|writes|deletes)$/;

/**
 * The rate-limit headers of an answer. Sentinel counts most of its calls in a header of its own,
 * `x-ms-ratelimit-remaining-subscription-resource-requests`, and not in ARM's: recordings show ARM's for reading and
 * deleting incidents, for rules and for bookmarks. Watchlists were not recorded; they are taken to be like the rest.
 * Sentinel's limits are unpublished, so what is counted and refused here is ARM's.
 */
export function sentinelLimits({ method, path }: SimRequest, limits: Record<string, string>): Record<string, string> {
  const rest = PROVIDER.exec(path)?.[1];
  if (rest === undefined || countedByArm(method, rest.toLowerCase().split("/"))) return limits;
  const remaining = Object.entries(limits).find(([name]) => REMAINING.test(name))?.[1];
  return remaining === undefined ? limits : { "x-ms-ratelimit-remaining-subscription-resource-requests": remaining };
}

function countedByArm(method: string, [type, , child]: string[]): boolean {
  if (child !== undefined) return false;
  if (type === "incidents") return method !== "PUT";
  return type === "alertrules" || type === "bookmarks";
}
