import { visibleText } from "@/lib/outside-text.pure";
import type { Activity, CallerIdentity } from "./incident.pure";

/** What the sentence is made of, where the log has rows for it. */
export interface SentenceFacts {
  callers: readonly Pick<CallerIdentity, "caller" | "kind" | "upn" | "managedIdentity" | "appIds">[];
  /** The touches, oldest first. */
  touches: readonly Pick<Activity, "at" | "operation" | "status" | "name" | "kind" | "vaultId" | "caller">[];
  /** How much of the log the touches are from: all that it has, a part, or nothing, since it could not be read. */
  log: "whole" | "part" | "unread";
  /** Names of the honeytokens and vaults as the alerts say, for when the log has no row. */
  decoys: readonly string[];
  vaults: readonly string[];
  /** ISO 8601, UTC. */
  firstTouch: string;
  /** What the rule itself said: for an incident that is about no single honeytoken, as one of tampering. */
  alert: string;
}

/** Names in a list at most; the rest is counted. */
const NAMED_MAX = 3;

/**
 * What happened, in one sentence: who, which operations and whether they were allowed, how often, which honeytokens, in
 * which vault, and when (UTC).
 */
export function incidentSentence(facts: SentenceFacts): string {
  const { callers, touches, log, decoys, vaults, firstTouch, alert } = facts;
  if (touches.length === 0 && decoys.length === 0) return `${visibleText(alert)}, first on ${moment(firstTouch)}.`;
  const who = capital(listed(callers.map(callerName), "caller")) || "An unknown caller";
  const names = unique(touches.length > 0 ? touches.map(({ name }) => name) : decoys);
  const places = unique(touches.length > 0 ? touches.map(({ vaultId }) => lastPart(vaultId)) : vaults.map(lastPart));
  const what = `${tokens(names.length)} ${listed(names, "honeytoken")}`;
  const where = places.length === 0 ? "" : ` in ${places.length === 1 ? "vault" : "vaults"} ${listed(places, "vault")}`;
  if (touches.length === 0) {
    const why = log === "whole" ? "the log shows no row of it" : "its rows in the log could not be read";
    return `${who} touched ${what}${where} on ${moment(firstTouch)}; ${why}.`;
  }
  return `${who} touched ${what}${where}, ${log === "whole" ? "" : "at least "}${countWords(touches)}, ${period(touches)}.`;
}

/** Everything that a person would call a caller, in the order of how much it says. */
export function callerName({
  caller,
  upn,
  managedIdentity,
  appIds,
}: Pick<CallerIdentity, "caller" | "upn" | "managedIdentity" | "appIds">): string {
  if (upn) return visibleText(upn);
  if (managedIdentity) return `managed identity ${visibleText(lastPart(managedIdentity))}`;
  return appIds[0] ? `application ${visibleText(appIds[0])}` : visibleText(caller);
}

function countWords(touches: SentenceFacts["touches"]): string {
  const allowed = operations(touches.filter(({ status }) => status < 400));
  const denied = operations(touches.filter(({ status }) => status >= 400));
  const parts = [allowed && `allowed ${allowed}`, denied && `refused ${denied}`].filter(Boolean);
  return `${touches.length === 1 ? "once" : `${touches.length} times`}: ${parts.join(" and ")}`;
}

function operations(touches: SentenceFacts["touches"]): string {
  const counts = new Map<string, number>();
  for (const { operation } of touches) counts.set(operation, (counts.get(operation) ?? 0) + 1);
  const words = [...counts].map(([operation, count]) => (count === 1 ? operation : `${operation} (${count})`));
  return listed(words, "operation");
}

function period(touches: SentenceFacts["touches"]): string {
  const first = touches[0]?.at ?? "";
  const last = touches.at(-1)?.at ?? first;
  return moment(first) === moment(last) ? `on ${moment(first)}` : `between ${moment(first)} and ${moment(last)}`;
}

/** "a", "a and b", "a, b, c and 4 more callers". */
function listed(words: readonly string[], noun: string): string {
  const all = unique(words);
  const shown = all.slice(0, NAMED_MAX);
  const more = all.length - shown.length;
  if (more > 0) return `${shown.join(", ")} and ${more} more ${noun}${more === 1 ? "" : "s"}`;
  return shown.length < 2 ? (shown[0] ?? "") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

const tokens = (count: number): string => (count === 1 ? "honeytoken" : `${count} honeytokens:`);
const unique = (texts: readonly string[]): string[] => [...new Set(texts)].filter((text) => text !== "");
const lastPart = (id: string): string => id.slice(id.lastIndexOf("/") + 1);

/** Our own words begin with a capital; a sign-in name stays as it is. */
const capital = (text: string): string =>
  text.replace(/^(managed identity|application) /, (word) => word.charAt(0).toUpperCase() + word.slice(1));

function moment(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? "an unknown day" : `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
