import "server-only";
import { readFileSync } from "node:fs";
import path from "node:path";

const texts = new Map<string, string>();

/**
 * The text of a `.kql` file of this repository with its parts put in, read once. `file` is relative to the directory that
 * the process was started in, which is the repository (or the standalone server's copy of it), e.g.
 * `lib/detection/rules/x.kql`. Throws when the file or a part does not exist: a query that is missing must stop the start,
 * not return nothing.
 *
 * A line `//: part name` stands for `lib/kql-parts/name.kql`. Behind the name may stand `with A`, which takes in the line
 * that the part keeps behind `//: with A`; ` | ...`, which takes the place of `//: window` in it; and `;` to end a statement.
 */
export function readKql(file: string): string {
  const known = texts.get(file);
  if (known !== undefined) return known;
  // The bundler must not follow this path: it would take the whole repository along.
  const text = readFileSync(path.join(/*turbopackIgnore: true*/ process.cwd(), file), "utf8").replaceAll("\r\n", "\n");
  const whole = text.replaceAll(PART, (_, name: string, column?: string, window?: string, end = "") => {
    const part = readKql(`lib/kql-parts/${name}.kql`).trimEnd();
    const asked = column === undefined ? part : part.replaceAll(`//: with ${column} `, `${column} `);
    return `${window === undefined ? asked : asked.replaceAll(WINDOW, () => window)}${end}`;
  });
  texts.set(file, whole);
  return whole;
}

const PART = /^\s*\/\/: part ([a-z-]+)(?: with (\w+))?( \|.+)?(;)?$/gm;
const WINDOW = /^\s*\/\/: window$/gm;

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
