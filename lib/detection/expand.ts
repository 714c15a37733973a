import "server-only";
import { readingWatchlist, readKql, withoutComments } from "@/lib/kql-files";
import { parseHeader, type RuleHeader } from "./header";
import { LOWERABLE } from "./lowerable.pure";
import { checkParameters, type RuleParameters, UNFILLED } from "./parameters";
import { severityFragment } from "./severity";

/** Sentinel takes 1 to 10,000 characters of query. */
export const QUERY_LENGTH_MAX = 10_000;

/** Rules of this product, each a file in `rules/`. */
export const RULES = [
  "honeytoken-touched",
  "honeytoken-tampering",
  "honeytoken-vault-silent",
  "honeytoken-list-then-get",
] as const;
export type RuleFile = (typeof RULES)[number];

export const RULE_KINDS = ["NRT", "Scheduled"] as const;
export type RuleKind = (typeof RULE_KINDS)[number];

/**
 * A near-real-time rule gets no time filter: the platform hands it each minute's arrivals. Its scheduled twin looks back
 * far by event time and takes what arrived in the last ten minutes, twice its frequency: rows that come hours late
 * are seen, and the repeats of the overlap fall into the same incident. A rule that is scheduled only says itself what
 * time it looks at.
 */
const WINDOWS: Record<RuleKind, string> = {
  NRT: "",
  Scheduled: "| where TimeGenerated > ago(12h) and ingestion_time() > ago(10m)",
};

/** For a service that runs each hour and hands over the last four. */
const HOURLY = "| where TimeGenerated > ago(4h) and ingestion_time() > ago(70m)";

/** The header of a rule file, and its query for one kind of rule as it is validated, deployed and exported. */
export interface ExpandedRule {
  header: RuleHeader;
  query: string;
}

const headers = new Map<RuleFile, RuleHeader>();

/** What the head of a rule file says, read once. */
function headerOf(file: RuleFile): RuleHeader {
  const header = headers.get(file) ?? parseHeader(sourceOf(file));
  headers.set(file, header);
  return header;
}

/** The bodies that there are: each rule near real time with a scheduled twin, or scheduled only. */
export function ruleVariants(): { file: RuleFile; kind: RuleKind }[] {
  return RULES.flatMap((file) =>
    RULE_KINDS.filter((kind) => headerOf(file).bodies[kind]).map((kind) => ({ file, kind })),
  );
}

/**
 * Reads a rule with its parts, takes in the severity ladder, the literals of this set-up and the time window of `kind`, names
 * the watchlist, and drops comments. Throws when a parameter is not what it should be, when the alias is not one Sentinel
 * accepts (3 to 64 characters), or when the text grows too long.
 */
export function expandRule(file: RuleFile, kind: RuleKind, parameters: RuleParameters = UNFILLED): ExpandedRule {
  const header = headerOf(file);
  return { header, query: textOf(file, header.bodies.NRT ? WINDOWS[kind] : "", parameters) };
}

/** The query of a rule with a near-real-time body for hourly runs over the last four hours. Throws as `expandRule`. */
export function expandHourly(file: RuleFile, parameters: RuleParameters): string {
  return textOf(file, HOURLY, parameters);
}

function textOf(file: RuleFile, window: string, parameters: RuleParameters): string {
  const literals = literalsOf(checkParameters(parameters));
  const expanded = sourceOf(file)
    .replaceAll(/^\s*\/\/: severity$/gm, severityFragment())
    .replaceAll(/^\s*\/\/: let (\w+)$/gm, (_, name: string) => letOf(literals, name))
    .replaceAll(/^\s*\/\/: window$/gm, window);
  const query = withoutComments(readingWatchlist(expanded, parameters.alias));
  if (query.length >= QUERY_LENGTH_MAX) throw new Error(`Rule ${file} has ${query.length} characters.`);
  return query;
}

function sourceOf(file: RuleFile): string {
  return readKql(`lib/detection/rules/${file}.kql`);
}

function letOf(literals: Readonly<Record<string, string>>, name: string): string {
  const literal = literals[name];
  if (literal === undefined) throw new Error(`No literal is called ${name}.`);
  return `let ${name} = ${literal};`;
}

/** What a rule can ask for by `//: let name`, as KQL. */
function literalsOf({
  alias,
  registrar,
  granter,
  collector,
  product,
  workspace,
}: RuleParameters): Record<string, string> {
  return {
    lowerable: `dynamic(${JSON.stringify(LOWERABLE)})`,
    ownRegistrar: `'${registrar}'`,
    ownGranter: `'${granter}'`,
    ownCollector: `'${collector}'`,
    ownProduct: `'${product}'`,
    ownWorkspace: `'${workspace}'`,
    ownWatchlist: `'${alias.toLowerCase()}'`,
    ownRules: `dynamic(${JSON.stringify(ownRuleIds())})`,
  };
}

/** The ids of all rules of the pack, lower case. */
function ownRuleIds(): string[] {
  return ruleVariants().flatMap(({ file, kind }) => headerOf(file).bodies[kind]?.id.toLowerCase() ?? []);
}
