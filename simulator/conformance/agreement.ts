import type { Exchange } from "./exchange";
import type { Finding } from "./finding";

/** Values that differ between any two tenants: each is replaced by its kind before bodies are compared. */
const VOLATILE: readonly [pattern: RegExp, kind: string][] = [
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, "{guid}"],
  [/\b[0-9a-f]{32}\b/gi, "{hex}"],
  [/\bapi-version=[\w.-]+/gi, "api-version={version}"],
  [/(skip-?token)=[^&]+/gi, "$1={token}"],
  // Keys, signatures, sealed texts.
  [/[\w-]{40,}/g, "{text}"],
];

/** Figures that are measured, not told. */
const MEASURED = /\/statistics\//;

/**
 * Compares what two runs answered, exchange by exchange in the order of each step. `nameOf` tells which operation an
 * exchange is.
 */
export function disagreements(
  first: { name: string; exchanges: readonly Exchange[] },
  second: { name: string; exchanges: readonly Exchange[] },
  nameOf: (exchange: Exchange) => string,
): { compared: number; findings: Finding[] } {
  const findings: Finding[] = [];
  const others = byStep(second.exchanges);
  let compared = 0;
  for (const [step, mine] of byStep(first.exchanges)) {
    const theirs = others.get(step) ?? [];
    const where = `${step} (${first.name} / ${second.name})`;
    for (const [index, exchange] of mine.entries()) {
      const other = theirs[index];
      const operation = nameOf(exchange);
      const add = (path: string, message: string) =>
        findings.push({ code: "DIFFERS", operation, path, message, where });
      if (!other) {
        add("", "The other run has no such exchange.");
        continue;
      }
      compared += 1;
      if (other.status !== exchange.status) add("status", `${exchange.status} and ${other.status}`);
      else compare(exchange.responseBody, other.responseBody, "response", add);
    }
  }
  return { compared, findings };
}

function byStep(exchanges: readonly Exchange[]): Map<string, Exchange[]> {
  const steps = new Map<string, Exchange[]>();
  for (const exchange of exchanges) {
    const list = steps.get(exchange.step) ?? [];
    steps.set(exchange.step, list);
    list.push(exchange);
  }
  return steps;
}

function compare(a: unknown, b: unknown, path: string, add: (path: string, message: string) => void): void {
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) add(path, `${a.length} and ${b.length} items`);
    // Of lists that differ in length, the items need not stand side by side.
    const alike = a.length === b.length ? a.length : Math.min(a.length, b.length, 1);
    for (const [index, item] of a.slice(0, alike).entries()) compare(item, b[index], `${path}/{}`, add);
  } else if (isObject(a) && isObject(b)) {
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)]))
      compare(a[name], b[name], `${path}/${name}`, add);
  } else if (plain(a, path) !== plain(b, path)) {
    add(path, `${short(a)} and ${short(b)}`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function plain(value: unknown, path: string): string {
  if (MEASURED.test(path)) return typeof value;
  if (typeof value !== "string") return `${typeof value} ${JSON.stringify(value)}`;
  return VOLATILE.reduce((text, [pattern, kind]) => text.replace(pattern, kind), value);
}

function short(value: unknown): string {
  return value === undefined ? "nothing" : (JSON.stringify(value) ?? "").slice(0, 80);
}
