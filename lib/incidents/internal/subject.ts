import "server-only";
import type { IncidentAlert, IncidentEntity } from "@/lib/azure/incident-contents";
import { normaliseId } from "@/lib/azure/resource-id.pure";

/** What an incident is about, as its alerts say: whom and what to look for in the logs. */
export interface Subject {
  /** Object ids, or where there is none application ids or addresses; lower case. */
  callers: string[];
  /** Addresses of the decoys that were touched: normalised vault id, `/secrets|keys|certificates/`, lower-case name. */
  tokenKeys: string[];
  /** Normalised ids. */
  vaults: string[];
  firstTouch: Date;
  lastTouch: Date;
}

const VAULT_ID =
  /^\/subscriptions\/[0-9a-f-]{36}\/resourcegroups\/[^/]+\/providers\/microsoft\.keyvault\/vaults\/[0-9a-z-]+$/;
const TOKEN_KEY = /^(\/subscriptions\/.+\/vaults\/[0-9a-z-]+)\/(?:secrets|keys|certificates)\/[0-9a-z-]+$/;

/** What our rules call the first and the last of what they saw. */
const FIRST = ["FirstTouch", "FirstList", "FirstChange"];
const LAST = ["LastTouch", "LastRead", "LastChange"];

/**
 * Puts together what the alerts carry. `otherwise` is when the incident was made, for alerts that say no time. Details are
 * cut at 2 kB by the service, so the entities are asked as well.
 */
export function subjectOf(
  alerts: readonly IncidentAlert[],
  entities: readonly IncidentEntity[],
  otherwise: string,
): Subject {
  const details = (name: string) => alerts.flatMap(({ customDetails }) => customDetails[name] ?? []);
  const texts = (kind: string, field: string) =>
    entities.filter((entity) => entity.kind.toLowerCase() === kind).map(({ fields }) => String(fields[field] ?? ""));
  const tokenKeys = unique(details("TokenKeys").map((key) => key.toLowerCase())).filter((key) => TOKEN_KEY.test(key));
  const named = unique(details("Caller").map((caller) => caller.toLowerCase()));
  const accounts = unique(texts("account", "aadUserId").map((id) => id.toLowerCase()));
  const vaults = [
    ...tokenKeys.map((key) => TOKEN_KEY.exec(key)?.[1] ?? ""),
    ...texts("azureresource", "resourceId").map((id) => normaliseId(id)),
  ];
  const firsts = times([...FIRST.flatMap(details), ...alerts.flatMap(({ startedAt }) => startedAt ?? [])]);
  const lasts = times([...LAST.flatMap(details), ...alerts.flatMap(({ endedAt }) => endedAt ?? [])]);
  const fallback = new Date(otherwise).getTime();
  const firstTouch = firsts.length > 0 ? Math.min(...firsts) : fallback;
  return {
    callers: named.length > 0 ? named : accounts,
    tokenKeys,
    vaults: unique(vaults).filter((id) => VAULT_ID.test(id)),
    firstTouch: new Date(firstTouch),
    lastTouch: new Date(Math.max(firstTouch, ...lasts)),
  };
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].filter((text) => text !== "");
}

function times(texts: readonly string[]): number[] {
  return texts.map((text) => Date.parse(text)).filter((time) => Number.isFinite(time));
}
