import "server-only";
import { readFileSync } from "node:fs";
import path from "node:path";

const texts = new Map<string, string>();

/**
 * The text of a `.kql` file of this repository, read once. `file` is relative to the directory that the process was
 * started in, which is the repository (or the standalone server's copy of it), e.g. `lib/detection/rules/x.kql`.
 * Throws when the file does not exist: a query that is missing must stop the start, not return nothing.
 */
export function readKql(file: string): string {
  const known = texts.get(file);
  if (known !== undefined) return known;
  // The bundler must not follow this path: it would take the whole repository along.
  const text = readFileSync(path.join(/*turbopackIgnore: true*/ process.cwd(), file), "utf8").replaceAll("\r\n", "\n");
  texts.set(file, text);
  return text;
}

/** Three to 64 letters, digits, hyphens and underscores, as Sentinel has it; so it cannot end a KQL string. */
const ALIAS = /^[A-Za-z0-9][A-Za-z0-9_-]{1,62}[A-Za-z0-9]$/;

/**
 * Makes a query read the watchlist `alias`; our files name the default one. A literal, because a rule's text has no
 * parameters. Throws on anything that Sentinel would not take as an alias.
 */
export function readingWatchlist(kql: string, alias: string): string {
  if (!ALIAS.test(alias)) throw new Error(`"${alias}" cannot be the alias of a watchlist.`);
  return kql.replaceAll("_GetWatchlist('HoneyTokens')", `_GetWatchlist('${alias}')`);
}

/** Drops comment lines and empty lines: what is sent is what counts. */
export function withoutComments(kql: string): string {
  return kql
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.trimStart().startsWith("//"))
    .join("\n");
}
