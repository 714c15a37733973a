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
