"use client";
import { debounce, parseAsArrayOf, parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { RANGE_DEFAULT, RANGES, SEVERITIES, STATUSES } from "@/lib/incidents/list.pure";
import { type IncidentQuery, SORTS } from "@/lib/incidents/select.pure";

const list = parseAsArrayOf(parseAsString).withDefault([]);

/** What the address of the list says; everything that it shows follows from it. */
const PARAMETERS = {
  days: parseAsStringLiteral(RANGES).withDefault(RANGE_DEFAULT),
  q: parseAsString.withDefault("").withOptions({ limitUrlUpdates: debounce(250) }),
  severity: parseAsArrayOf(parseAsStringLiteral(SEVERITIES)).withDefault([]),
  status: parseAsArrayOf(parseAsStringLiteral(STATUSES)).withDefault([]),
  owner: list,
  subscription: list,
  /** Normalised ids. */
  vault: list,
  sort: parseAsStringLiteral(SORTS).withDefault("created"),
  descending: parseAsBoolean.withDefault(true),
  /** Left out, they are shown where there is room beside the list. */
  charts: parseAsBoolean,
};

export function useIncidentParameters() {
  return useQueryStates(PARAMETERS);
}

export type IncidentParameters = ReturnType<typeof useIncidentParameters>[0];
export type SetIncidentParameters = (change: Partial<IncidentParameters>) => void;

/** Nothing is filtered out; the time range stays. */
export const NO_FILTER = {
  q: "",
  severity: [],
  status: [],
  owner: [],
  subscription: [],
  vault: [],
} satisfies Partial<IncidentParameters>;

export function hasFilter({ q, severity, status, owner, subscription, vault }: IncidentParameters): boolean {
  const chosen = [severity, status, owner, subscription, vault];
  return q.trim() !== "" || chosen.some((values) => values.length > 0);
}

/** The filter and order that the address asks for. */
export function queryOf(parameters: Omit<IncidentParameters, "days" | "charts">): IncidentQuery {
  const { q, severity, status, owner, subscription, vault, sort, descending } = parameters;
  const chosen = { severities: severity, statuses: status, owners: owner, subscriptions: subscription, vaults: vault };
  return { q, ...chosen, sort, descending };
}
