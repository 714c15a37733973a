import "server-only";
import { createHash } from "node:crypto";
import { z } from "zod";
import { expandRule, RULE_KINDS, RULES } from "./expand";
import type { CoveredKind } from "./header";

/** A rule of the workspace, as a listing gives it. */
export interface ListedRule {
  name: string;
  kind: string;
  enabled: boolean;
  query: string;
  properties: Record<string, unknown>;
}

/** A table of the workspace and its plan; rules can read only `Analytics`. */
export interface ListedTable {
  name: string;
  plan: string;
}

/** Whether touches on a kind of decoy raise an alert in this workspace, and if not, why not. */
export type RuleState =
  | { state: "on"; rule: string }
  | { state: "missing" }
  | { state: "disabled"; rule: string }
  | { state: "modified"; rule: string; how: string }
  | { state: "table_plan"; table: string; plan: string };

/**
 * Judges whether an enabled, unmodified rule covers decoys of `kind` that are logged in `tables`. A rule counts as ours
 * by its id or by its query, whatever its title says; it counts as unmodified when query, window, threshold, suppression
 * and incident creation are such that a touch cannot be lost. `rules` and `plans` are complete listings; a table that
 * `plans` does not name is on Analytics, as a table that has never had rows is.
 */
export function ruleState(
  rules: readonly ListedRule[],
  plans: readonly ListedTable[],
  wanted: { kind: CoveredKind; tables: readonly string[]; alias: string },
): RuleState {
  const covering = bodiesOf(wanted.alias).filter(({ covers }) => covers.has(wanted.kind));
  const judged = rules.flatMap((rule) => {
    const body = covering.find(({ id, hash }) => id === rule.name.toLowerCase() || hash === queryHash(rule.query));
    return body ? [{ rule, how: differenceOf(rule, body) }] : [];
  });
  const good = judged.find(({ rule, how }) => rule.enabled && how === undefined);
  if (good) {
    const unreadable = plans.find(({ name, plan }) => wanted.tables.includes(name) && plan !== "Analytics");
    if (unreadable) return { state: "table_plan", table: unreadable.name, plan: unreadable.plan };
    return { state: "on", rule: titleOf(good.rule) };
  }
  // A changed rule that is on explains more than an unchanged one that is off and was never meant to be on.
  const changed = judged.find(({ rule, how }) => rule.enabled && how !== undefined);
  if (changed) return { state: "modified", rule: titleOf(changed.rule), how: changed.how ?? "its text differs" };
  const off = judged[0];
  return off ? { state: "disabled", rule: titleOf(off.rule) } : { state: "missing" };
}

interface Body {
  id: string;
  hash: string;
  kind: string;
  covers: ReadonlySet<CoveredKind>;
}

const bodies = new Map<string, Body[]>();

function bodiesOf(alias: string): Body[] {
  const known = bodies.get(alias);
  if (known) return known;
  const made = RULES.flatMap((file) =>
    RULE_KINDS.map((kind): Body => {
      const { header, query } = expandRule(file, kind, alias);
      return { id: header.bodies[kind].id, hash: queryHash(query), kind, covers: new Set(header.covers) };
    }),
  );
  bodies.set(alias, made);
  return made;
}

/** Same hash = same query: line ends, indentation and comment lines do not count. */
export function queryHash(query: string): string {
  const text = query
    .split(/\r?\n/)
    .filter((line) => !line.trimStart().startsWith("//"))
    .join(" ")
    .replaceAll(/\s+/g, " ")
    .trim();
  return createHash("sha256").update(text).digest("hex");
}

const Properties = z.object({
  displayName: z.string().optional(),
  suppressionEnabled: z.boolean().optional(),
  triggerOperator: z.string().optional(),
  triggerThreshold: z.number().optional(),
  queryFrequency: z.string().optional(),
  queryPeriod: z.string().optional(),
  incidentConfiguration: z.object({ createIncident: z.boolean().optional() }).optional(),
});

const MINUTE = 60;

/** Seconds of an ISO 8601 duration of days, hours, minutes and seconds; undefined for anything else. */
function seconds(duration: string | undefined): number | undefined {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(duration ?? "");
  if (!match) return undefined;
  const [days = 0, hours = 0, minutes = 0, rest = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * MINUTE + rest;
}

/** How the listed rule could lose a touch that the deployed one would catch; undefined when it could not. */
function differenceOf(rule: ListedRule, body: Body): string | undefined {
  if (queryHash(rule.query) !== body.hash) return "its query was changed";
  if (rule.kind !== body.kind) return "its kind was changed";
  const parsed = Properties.safeParse(rule.properties);
  if (!parsed.success) return "its settings could not be read";
  const settings = parsed.data;
  if (settings.suppressionEnabled === true) return "it is suppressed after each alert";
  if (settings.incidentConfiguration?.createIncident === false) return "it creates no incidents";
  if (body.kind === "NRT") return undefined;
  if (settings.triggerOperator !== "GreaterThan" || settings.triggerThreshold !== 0) return "its threshold was raised";
  // The query takes what arrived in the last ten minutes, so a slower run leaves gaps; a shorter period loses late rows.
  if ((seconds(settings.queryFrequency) ?? Number.POSITIVE_INFINITY) > 10 * MINUTE) return "it runs too seldom";
  if ((seconds(settings.queryPeriod) ?? 0) < 12 * 60 * MINUTE) return "it looks back too short a time";
  return undefined;
}

function titleOf(rule: ListedRule): string {
  const parsed = Properties.safeParse(rule.properties);
  return (parsed.success && parsed.data.displayName) || rule.name;
}
