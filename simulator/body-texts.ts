import { type BodyFault, tooLong } from "./body-fault";

/**
 * Characters of a text, or of a member's name, in a body where the service documents no limit of its own. Azure has
 * limits everywhere but publishes few; this one is a guess that leaves every described use alone: the largest published
 * ones are the 64 KB of a log alert rule and the 30,000 characters of an incident's comment.
 */
export const TEXT_MAX = 65_536;

const NONE: ReadonlySet<string> = new Set();

/**
 * The first text of a parsed body that is longer than any service takes; undefined when there is none.
 * @param contents Members that are contents and not names; each has a limit in bytes where it is read.
 */
export function longText(body: unknown, contents = NONE, path: readonly string[] = []): BodyFault | undefined {
  if (typeof body === "string") return body.length > TEXT_MAX ? fault(path) : undefined;
  if (typeof body !== "object" || body === null) return undefined;
  for (const [key, child] of Object.entries(body)) {
    if (key.length > TEXT_MAX) return fault(path);
    if (typeof child === "string" && contents.has(key)) continue;
    const found = longText(child, contents, [...path, key]);
    if (found) return found;
  }
  return undefined;
}

function fault(path: readonly string[]): BodyFault {
  const name = path.join(".");
  return { path: name, message: tooLong(name === "" ? "body" : name, TEXT_MAX) };
}
