import "server-only";
import { readingWatchlist, readKql, withoutComments } from "@/lib/kql-files";
import { parseHeader, type RuleHeader } from "./header";
import { severityFragment } from "./severity";

/** Sentinel takes 1 to 10,000 characters of query. */
export const QUERY_LENGTH_MAX = 10_000;

/** Rules of this product, each a file in `rules/`. */
export const RULES = ["honeytoken-touched"] as const;
export type RuleFile = (typeof RULES)[number];

export const RULE_KINDS = ["NRT", "Scheduled"] as const;
export type RuleKind = (typeof RULE_KINDS)[number];

/**
 * A near-real-time rule gets no time filter: the platform hands it each minute's arrivals. A scheduled one looks back
 * far by event time and takes what arrived in the last ten minutes, twice its frequency: rows that come hours late
 * are seen, and the repeats of the overlap fall into the same incident.
 */
const WINDOWS: Record<RuleKind, string> = {
  NRT: "",
  Scheduled: "| where TimeGenerated > ago(12h) and ingestion_time() > ago(10m)",
};

/** The header of a rule file, and its query for one kind of rule as it is validated, deployed and exported. */
export interface ExpandedRule {
  header: RuleHeader;
  query: string;
}

/**
 * Reads a rule, takes in the severity ladder and the time window of `kind`, names the watchlist `alias`, and drops
 * comments. Throws when the alias is not one Sentinel accepts (3 to 64 characters) or the text grows too long.
 */
export function expandRule(file: RuleFile, kind: RuleKind, alias: string): ExpandedRule {
  const source = readKql(`lib/detection/rules/${file}.kql`);
  const expanded = source
    .replaceAll(/^\s*\/\/: severity$/gm, severityFragment())
    .replaceAll(/^\s*\/\/: window$/gm, WINDOWS[kind]);
  const query = withoutComments(readingWatchlist(expanded, alias));
  if (query.length >= QUERY_LENGTH_MAX) throw new Error(`Rule ${file} (${kind}) has ${query.length} characters.`);
  return { header: parseHeader(source), query };
}
