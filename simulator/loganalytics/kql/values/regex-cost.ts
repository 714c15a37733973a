/*
 * Decides whether a pattern may run on JavaScript's own engine, which backtracks. Queries meet text that attackers
 * write (user agents, URIs), so that is allowed only where the worst case is bounded, and where both engines agree.
 */

export interface SimplePattern {
  /** The pattern with RE2's meaning spelt out (`.` and `\s` differ). */
  source: string;
  ignoreCase: boolean;
  /** Worst case is `factor * length ** power` steps. */
  power: number;
  factor: number;
}

const QUANTIFIER = /^(?:[*+?]|\{(\d{1,4})(?:(,)(\d{1,4})?)?\})\??/;
const LITERAL_ESCAPES = new Set([..."\\.^$|?*+()[]{}/-\"'"]);
const CLASS_ESCAPES: Record<string, string> = {
  d: "0-9",
  w: "0-9A-Za-z_",
  s: "\\t\\n\\f\\r ",
  t: "\\t",
  n: "\\n",
  r: "\\r",
};
const NEGATED_CLASSES: Record<string, string> = { D: "[^0-9]", W: "[^0-9A-Za-z_]", S: "[^\\t\\n\\f\\r ]" };

/** Reads one escape at `at`; gives what to emit, or undefined when the two engines may differ. */
function readEscape(pattern: string, at: number): string | undefined {
  const letter = pattern[at + 1];
  if (letter === undefined) return undefined;
  if (LITERAL_ESCAPES.has(letter)) return `\\${letter}`;
  const members = CLASS_ESCAPES[letter];
  return members === undefined ? NEGATED_CLASSES[letter] : `[${members}]`;
}

/** Reads a class `[...]` at `at`; gives its end and what to emit. */
function readClass(pattern: string, at: number): { end: number; source: string } | undefined {
  let source = "[";
  let index = at + 1;
  if (pattern[index] === "^") {
    source += "^";
    index++;
  }
  const first = index;
  for (; index < pattern.length; index++) {
    const letter = pattern[index] ?? "";
    if (letter === "]") return index === first ? undefined : { end: index + 1, source: `${source}]` };
    // Posix names and anything that is not plain ASCII are left to RE2.
    if (letter === "[" || letter > "~" || letter < " ") return undefined;
    if (letter !== "\\") {
      source += letter;
      continue;
    }
    const escaped = pattern[++index] ?? "";
    const members = CLASS_ESCAPES[escaped];
    if (members === undefined && !LITERAL_ESCAPES.has(escaped)) return undefined;
    source += members ?? `\\${escaped}`;
  }
  return undefined;
}

interface Group {
  /** Alternatives seen so far multiply what can be tried. */
  branches: number;
  unbounded: boolean;
}

/** The pattern in a form that is safe on a backtracking engine, with its worst case; undefined when that is not proved. */
export function simplify(pattern: string): SimplePattern | undefined {
  const ignoreCase = pattern.startsWith("(?i)");
  let index = ignoreCase ? 4 : 0;
  const anchored = pattern[index] === "^";
  let source = "";
  let unbounded = 0;
  let factor = 1;
  const groups: Group[] = [{ branches: 1, unbounded: false }];
  while (index < pattern.length) {
    const letter = pattern[index] ?? "";
    let atom: string | undefined;
    let closed: Group | undefined;
    if (letter > "~" || letter < " ") return undefined;
    if (letter === "(") {
      const opening = pattern.startsWith("(?:", index) ? "(?:" : "(";
      if (opening === "(" && pattern[index + 1] === "?") return undefined;
      groups.push({ branches: 1, unbounded: false });
      source += opening;
      index += opening.length;
      continue;
    }
    if (letter === "|") {
      const group = groups.at(-1);
      if (!group || (groups.length === 1 && anchored)) return undefined;
      group.branches++;
      source += "|";
      index++;
      continue;
    }
    if (letter === ")") {
      if (groups.length === 1) return undefined;
      closed = groups.pop();
      factor *= closed?.branches ?? 1;
      const outer = groups.at(-1);
      if (outer && closed?.unbounded) outer.unbounded = true;
      atom = ")";
      index++;
    } else if (letter === "[") {
      const read = readClass(pattern, index);
      if (!read) return undefined;
      atom = read.source;
      index = read.end;
    } else if (letter === "\\") {
      atom = readEscape(pattern, index);
      if (atom === undefined) return undefined;
      index += 2;
    } else if (letter === "^" || letter === "$") {
      source += letter;
      index++;
      if (QUANTIFIER.test(pattern.slice(index))) return undefined;
      continue;
    } else {
      if ("*+?{}]".includes(letter)) return undefined;
      atom = letter === "." ? "[^\\n]" : letter;
      index++;
    }
    const quantifier = QUANTIFIER.exec(pattern.slice(index));
    source += atom + (quantifier?.[0] ?? "");
    index += quantifier?.[0].length ?? 0;
    if (!quantifier) continue;
    // A repeated group may nest repetitions; only an optional one is bounded by its own content.
    if (closed && !quantifier[0].startsWith("?")) return undefined;
    const most = /^[*+]/.test(quantifier[0]) || (quantifier[2] && !quantifier[3]);
    if (most) {
      unbounded++;
      const group = groups.at(-1);
      if (group) group.unbounded = true;
    } else factor *= Number(quantifier[3] ?? quantifier[1] ?? 1) + 1;
  }
  if (groups.length !== 1) return undefined;
  factor *= groups[0]?.branches ?? 1;
  return { source, ignoreCase, power: unbounded + (anchored ? 0 : 1), factor };
}
