import { parseVaultId, vaultIdParts } from "@/lib/azure/resource-id.pure";
import {
  type AlertRow,
  type IncidentList,
  type IncidentRow,
  SEVERITIES,
  type Severity,
  STATUSES,
  type Status,
} from "./list.pure";

export const SORTS = ["created", "severity", "status", "touches", "title"] as const;
export type Sort = (typeof SORTS)[number];

/** Stands for incidents that nobody has taken, where owners are chosen. */
export const NOBODY = "(nobody)";

/** What the address of the list says. Empty lists choose everything. */
export interface IncidentQuery {
  q: string;
  severities: readonly Severity[];
  statuses: readonly Status[];
  owners: readonly string[];
  subscriptions: readonly string[];
  /** Normalised ids. */
  vaults: readonly string[];
  sort: Sort;
  descending: boolean;
}

export interface VaultPlace {
  id: string;
  name: string;
  subscriptionId: string;
}

/** An incident with what its alerts say. */
export interface Incident extends IncidentRow {
  vaults: VaultPlace[];
  callers: string[];
  decoys: string[];
  operations: string[];
  /** Null when the alerts could not be read. */
  touches: number | null;
  /** When its first and its last alert began, ISO; null without alerts. */
  firstAlertAt: string | null;
  lastAlertAt: string | null;
}

/** An incident with what searching and sorting need, made once per answer. */
export interface Prepared {
  incident: Incident;
  /** Lower case. */
  search: string;
  title: string;
}

/** An alert with its vaults by name. */
export type Touch = Omit<AlertRow, "vaults"> & { vaults: VaultPlace[] };

export interface PreparedList {
  incidents: readonly Prepared[];
  touches: readonly Touch[];
}

/** Joins incidents with their alerts and makes the text that is searched. Linear; for new data, not for each key. */
export function prepare(list: Pick<IncidentList, "vaults" | "incidents" | "alerts" | "problems">): PreparedList {
  const vaults = list.vaults.map(placeOf);
  const touches = list.alerts.map((alert) => ({ ...alert, vaults: alert.vaults.flatMap((at) => vaults[at] ?? []) }));
  const held = new Map<string, Touch[]>();
  for (const touch of touches) {
    if (touch.incident === null) continue;
    const others = held.get(touch.incident);
    if (others) others.push(touch);
    else held.set(touch.incident, [touch]);
  }
  const known = !list.problems.some(({ part, partial }) => part === "alerts" && !partial);
  return { incidents: list.incidents.map((row) => prepared(row, held.get(row.id) ?? [], known)), touches };
}

function placeOf(id: string): VaultPlace {
  const vault = parseVaultId(id);
  if (!vault) return { id, name: id, subscriptionId: "" };
  const { name, subscriptionId } = vaultIdParts(vault);
  return { id, name, subscriptionId };
}

function prepared(row: IncidentRow, touches: readonly Touch[], known: boolean): Prepared {
  const incident: Incident = {
    ...row,
    vaults: [...new Set(touches.flatMap(({ vaults }) => vaults))],
    callers: distinct(touches.flatMap(({ callers }) => callers)),
    decoys: distinct(touches.flatMap(({ decoys }) => decoys)),
    operations: distinct(touches.flatMap(({ operations }) => operations)),
    touches: known ? touches.reduce((sum, touch) => sum + touch.touches, 0) : null,
    firstAlertAt: touches[0]?.at ?? null,
    lastAlertAt: touches.at(-1)?.at ?? null,
  };
  const { vaults, callers, decoys, operations } = incident;
  const words = [row.title, `#${row.number}`, row.severity, row.status, row.classification, row.owner, row.id];
  return {
    incident,
    // Joined, not concatenated: a concatenated string is put together at the first search, which a person would feel.
    search: [...words, ...vaults.map(({ name }) => name), ...callers, ...decoys, ...operations].join(" ").toLowerCase(),
    title: row.title.toLowerCase(),
  };
}

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)];

const COMPARE: Record<Sort, (a: Prepared, b: Prepared) => number> = {
  created: (a, b) => byText(a.incident.createdAt, b.incident.createdAt),
  severity: (a, b) => SEVERITIES.indexOf(b.incident.severity) - SEVERITIES.indexOf(a.incident.severity),
  status: (a, b) => STATUSES.indexOf(a.incident.status) - STATUSES.indexOf(b.incident.status),
  touches: (a, b) => (a.incident.touches ?? -1) - (b.incident.touches ?? -1),
  title: (a, b) => byText(a.title, b.title),
};

// Plain comparison: a collator costs about ten times as much. ISO times in UTC sort as text.
function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

const newestFirst = (a: Prepared, b: Prepared) =>
  byText(b.incident.createdAt, a.incident.createdAt) || byText(a.incident.id, b.incident.id);

/** Orders that were asked for already: a key stroke changes the filter, never the order, so each is made once. */
const sorted = new WeakMap<readonly Prepared[], Map<string, readonly Prepared[]>>();

function inOrder(rows: readonly Prepared[], sort: Sort, descending: boolean): readonly Prepared[] {
  const orders = sorted.get(rows) ?? new Map<string, readonly Prepared[]>();
  sorted.set(rows, orders);
  const key = `${sort} ${descending}`;
  let order = orders.get(key);
  if (!order) {
    const sign = descending ? -1 : 1;
    order = rows.toSorted((a, b) => sign * COMPARE[sort](a, b) || newestFirst(a, b));
    orders.set(key, order);
  }
  return order;
}

/** The incidents to show, in order. Every word of `q` must occur somewhere in one. Does not change its input. */
export function select(rows: readonly Prepared[], query: IncidentQuery): Incident[] {
  const keep = predicateOf(query);
  const kept: Incident[] = [];
  for (const one of inOrder(rows, query.sort, query.descending)) if (keep(one)) kept.push(one.incident);
  return kept;
}

function predicateOf(query: IncidentQuery): (prepared: Prepared) => boolean {
  const words = query.q.toLowerCase().split(/\s+/).filter(Boolean);
  const severities = setOf(query.severities);
  const statuses = setOf(query.statuses);
  const owners = setOf(query.owners);
  const inPlaces = placesOf(query);
  return ({ incident, search }) =>
    (!severities || severities.has(incident.severity)) &&
    (!statuses || statuses.has(incident.status)) &&
    (!owners || owners.has(incident.owner ?? NOBODY)) &&
    inPlaces(incident.vaults) &&
    words.every((word) => search.includes(word));
}

function setOf<T>(values: readonly T[]): ReadonlySet<T> | undefined {
  return values.length === 0 ? undefined : new Set(values);
}

/** Whether any of the vaults is one that the filters for places choose. */
function placesOf({ subscriptions, vaults }: IncidentQuery): (places: readonly VaultPlace[]) => boolean {
  const [subscription, vault] = [setOf(subscriptions), setOf(vaults)];
  if (!subscription && !vault) return () => true;
  return (places) =>
    places.some(
      ({ id, subscriptionId }) => (!subscription || subscription.has(subscriptionId)) && (!vault || vault.has(id)),
    );
}

/**
 * The alerts behind the charts: those of the incidents that the filters choose, whatever is typed into the search. Alerts
 * without an incident in the list count while no filter asks for what only an incident has, such as its owner.
 */
export function selectTouches({ incidents, touches }: PreparedList, query: IncidentQuery): readonly Touch[] {
  const { severities, statuses, owners, subscriptions, vaults } = query;
  if ([severities, statuses, owners, subscriptions, vaults].every(({ length }) => length === 0)) return touches;
  const keep = predicateOf({ ...query, q: "" });
  const chosen = new Set(incidents.filter(keep).map(({ incident }) => incident.id));
  const ofAny = statuses.length + owners.length === 0;
  const severity = setOf(severities);
  const inPlaces = placesOf(query);
  return touches.filter((touch) =>
    touch.incident !== null
      ? chosen.has(touch.incident)
      : ofAny && (!severity || severity.has(touch.severity)) && inPlaces(touch.vaults),
  );
}

export interface Count<T extends string = string> {
  value: T;
  count: number;
}

/** What there is to choose from, and how many incidents each choice shows. */
export interface Choices {
  severities: Count<Severity>[];
  statuses: Count<Status>[];
  /** By name; nobody first. */
  owners: Count[];
  /** By id. */
  subscriptions: Count[];
  /** By name; `value` is the id. */
  vaults: (Count & { name: string })[];
}

export function choicesOf(rows: readonly Prepared[]): Choices {
  const owners = new Map<string, number>();
  const subscriptions = new Map<string, number>();
  const vaults = new Map<string, number>();
  const names = new Map<string, string>();
  const severities = new Map<Severity, number>(SEVERITIES.map((one) => [one, 0]));
  const statuses = new Map<Status, number>(STATUSES.map((one) => [one, 0]));
  for (const { incident } of rows) {
    add(severities, incident.severity);
    add(statuses, incident.status);
    add(owners, incident.owner ?? NOBODY);
    for (const id of new Set(incident.vaults.map(({ subscriptionId }) => subscriptionId))) add(subscriptions, id);
    for (const { id, name } of incident.vaults) {
      add(vaults, id);
      names.set(id, name);
    }
  }
  return {
    severities: counts(severities),
    statuses: counts(statuses),
    owners: counts(owners).toSorted((a, b) => byText(rank(a.value), rank(b.value))),
    subscriptions: counts(subscriptions).toSorted((a, b) => byText(a.value, b.value)),
    vaults: counts(vaults)
      .map((one) => ({ ...one, name: names.get(one.value) ?? one.value }))
      .toSorted((a, b) => byText(a.name, b.name)),
  };
}

const rank = (owner: string): string => (owner === NOBODY ? "" : owner.toLowerCase());

function add<T>(counted: Map<T, number>, value: T): void {
  counted.set(value, (counted.get(value) ?? 0) + 1);
}

function counts<T extends string>(counted: ReadonlyMap<T, number>): Count<T>[] {
  return [...counted].map(([value, count]) => ({ value, count }));
}
