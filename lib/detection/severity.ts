import { z } from "zod";
import data from "./severity.json";

/** What an alert can say, weakest first. */
const SEVERITIES = ["Informational", "Low", "Medium", "High"] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * How an operation in a vault's audit log is read when it names a decoy. `Unnamed`: it never names one object, so it
 * cannot touch a decoy. `Noise`: written by the platform, or the unauthenticated first call of every SDK.
 */
const Level = z.enum([...SEVERITIES, "Unnamed", "Noise"]);
type Level = z.infer<typeof Level>;

const LEVELS: Readonly<Record<string, Level>> = z.record(z.string(), Level).parse(data);

/** Every operation that has been classified. */
export const OPERATIONS: readonly string[] = Object.keys(LEVELS);

/** The level of an operation as `severity.json` has it; undefined when it is not in the list. */
export function levelOf(operation: string): Level | undefined {
  return Object.hasOwn(LEVELS, operation) ? LEVELS[operation] : undefined;
}

/**
 * The severity of one touch on a decoy; undefined when the row is no touch. `status` is the HTTP status of the answer.
 * An operation that nobody classified counts as Medium, a refused one a step lower than one that succeeded.
 */
export function severityOf(operation: string, status: number | undefined): Severity | undefined {
  if (operation === "Authentication" && status === 401) return undefined;
  if (operation.endsWith("EventGridNotification")) return undefined;
  const level = levelOf(operation);
  const base: Severity = level === undefined || level === "Unnamed" || level === "Noise" ? "Medium" : level;
  return status !== undefined && status >= 400 ? stepDown(base) : base;
}

function stepDown(severity: Severity): Severity {
  return SEVERITIES[Math.max(0, SEVERITIES.indexOf(severity) - 1)] ?? "Informational";
}

/** The ladder as KQL: one list of operations per severity, to be included at the head of a rule. */
export function severityFragment(): string {
  return SEVERITIES.map((severity) => {
    const operations = OPERATIONS.filter((operation) => levelOf(operation) === severity);
    return `let severity${severity} = dynamic(${JSON.stringify(operations)});`;
  }).join("\n");
}
