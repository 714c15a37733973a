import "server-only";
import { createHash } from "node:crypto";
import { z } from "zod";
import type { CoveredKind } from "./header";
import type { RuleParameters } from "./parameters";
import { ruleBodies } from "./rule-export";
import { sameSetting, secondsOf } from "./same-setting";

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
 * Judges whether an enabled, unmodified rule covers decoys of `kind` that are logged in `tables`. A rule counts as ours by
 * its id alone, as its incidents do; one of the same text under another id is none. It counts as unmodified when query,
 * window, threshold, suppression and incident creation are such that a touch cannot be lost, and when its alerts and
 * incidents say what ours say. `rules` and `plans` are complete listings; a table that `plans` does not name is on
 * Analytics, as a table that has never had rows is.
 */
export function ruleState(
  rules: readonly ListedRule[],
  plans: readonly ListedTable[],
  wanted: { kind: CoveredKind; tables: readonly string[]; parameters: RuleParameters },
): RuleState {
  const covering = bodiesOf(wanted.parameters).filter(({ covers }) => covers.has(wanted.kind));
  return judge(rules, plans, covering, wanted.tables);
}

/** How a listed rule of the pack was changed so that it could lose what it is there for; undefined when it could not, or is not of the pack. */
export function changeOf(rule: ListedRule, parameters: RuleParameters): string | undefined {
  const body = bodyFor(rule, bodiesOf(parameters));
  return body && differenceOf(rule, body);
}

function judge(
  rules: readonly ListedRule[],
  plans: readonly ListedTable[],
  covering: readonly Body[],
  tables: readonly string[],
): RuleState {
  const judged = rules.flatMap((rule) => {
    const body = bodyFor(rule, covering);
    return body ? [{ rule, how: differenceOf(rule, body) }] : [];
  });
  const good = judged.find(({ rule, how }) => rule.enabled && how === undefined);
  if (good) {
    const unreadable = plans.find(({ name, plan }) => tables.includes(name) && plan !== "Analytics");
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
  /** Seconds. */
  frequency: number;
  period: number;
  /** As it is deployed. */
  properties: Readonly<Record<string, unknown>>;
}

function bodyFor(rule: ListedRule, bodies: readonly Body[]): Body | undefined {
  return bodies.find(({ id }) => id === rule.name.toLowerCase());
}

const bodies = new Map<string, Body[]>();

function bodiesOf(parameters: RuleParameters): Body[] {
  const key = JSON.stringify(parameters);
  const known = bodies.get(key);
  if (known) return known;
  const made = ruleBodies(parameters).map(({ name, kind, header, properties }): Body => {
    const { frequency, period } = header.bodies.Scheduled;
    return {
      id: name.toLowerCase(),
      hash: queryHash(String(properties.query)),
      kind,
      covers: new Set(header.covers),
      frequency: secondsOf(frequency) ?? 0,
      period: secondsOf(period) ?? 0,
      properties,
    };
  });
  bodies.set(key, made);
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

/** How the listed rule could lose a touch that the deployed one would catch, or tell less of it; undefined when it could not. */
function differenceOf(rule: ListedRule, body: Body): string | undefined {
  if (queryHash(rule.query) !== body.hash) return "its query was changed";
  if (rule.kind !== body.kind) return "its kind was changed";
  const parsed = Properties.safeParse(rule.properties);
  if (!parsed.success) return "its settings could not be read";
  return lossOf(parsed.data, body) ?? retoldBy(rule, body);
}

function lossOf(settings: z.infer<typeof Properties>, body: Body): string | undefined {
  if (settings.suppressionEnabled === true) return "it is suppressed after each alert";
  if (settings.incidentConfiguration?.createIncident === false) return "it creates no incidents";
  if (body.kind === "NRT") return undefined;
  if (settings.triggerOperator !== "GreaterThan" || settings.triggerThreshold !== 0) return "its threshold was raised";
  // The query takes what arrived in the last ten minutes, twice the frequency, so a slower run leaves gaps; where there is
  // no such overlap none is allowed for. A shorter period loses late rows.
  const slowest = body.frequency === 5 * MINUTE ? 10 * MINUTE : body.frequency;
  if ((secondsOf(settings.queryFrequency) ?? Number.POSITIVE_INFINITY) > slowest) return "it runs too seldom";
  if ((secondsOf(settings.queryPeriod) ?? 0) < body.period) return "it looks back too short a time";
  return undefined;
}

/**
 * What of the alerts and incidents says how bad a touch is, whose and of what, and what becomes of the next one. The title
 * and description of the rule itself may be anybody's.
 */
const TOLD = [
  ["severity", "its severity was changed"],
  ["alertDetailsOverride", "the title, text or severity of its alerts was changed"],
  ["eventGroupingSettings", "its grouping of rows into alerts was changed"],
  ["incidentConfiguration", "its grouping of alerts into incidents was changed"],
  ["customDetails", "the details of its alerts were changed"],
  ["entityMappings", "the entities of its alerts were changed"],
] as const;

function retoldBy({ properties }: ListedRule, body: Body): string | undefined {
  const changed = TOLD.filter(([property]) => !sameSetting(property, properties[property], body.properties[property]));
  return changed.length === 0 ? undefined : changed.map(([, how]) => how).join("; ");
}

function titleOf(rule: ListedRule): string {
  const parsed = Properties.safeParse(rule.properties);
  return (parsed.success && parsed.data.displayName) || rule.name;
}
