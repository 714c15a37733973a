import { RE2JS } from "re2js";
import { KqlError } from "../errors";
import { type SimplePattern, simplify } from "./regex-cost";

/** Steps that a backtracking match may take; more goes to the linear engine. */
const STEP_BUDGET = 200_000;
const CACHED_PATTERNS = 500;

const ASCII = /^[\0-\x7f]*$/;

/** A match: where it lies, and its groups (0 is the whole); a group that took no part is "". */
export interface RegexMatch {
  start: number;
  end: number;
  groups: string[];
}

/** A pattern with RE2's meaning, whichever engine runs it. */
export class Regex {
  private readonly linear: RE2JS;
  private readonly simple: SimplePattern | undefined = undefined;
  private readonly native: RegExp | undefined = undefined;
  readonly groupCount: number;

  constructor(readonly pattern: string) {
    try {
      this.linear = RE2JS.compile(pattern);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new KqlError("EvaluationFailed", `'${pattern}' is not a regular expression: ${reason}`);
    }
    this.groupCount = this.linear.groupCount();
    const simple = simplify(pattern);
    const native = simple && new RegExp(simple.source, simple.ignoreCase ? "gi" : "g");
    // The engines disagree on where an empty match may stand.
    if (!native?.test("")) {
      this.simple = simple;
      this.native = native;
    }
  }

  test(text: string): boolean {
    const native = this.nativeFor(text);
    if (!native) return this.linear.matcher(text).find();
    native.lastIndex = 0;
    return native.test(text);
  }

  first(text: string): RegexMatch | undefined {
    const native = this.nativeFor(text);
    if (native) {
      native.lastIndex = 0;
      const match = native.exec(text);
      return match
        ? { start: match.index, end: native.lastIndex, groups: match.map((group) => group ?? "") }
        : undefined;
    }
    for (const match of this.matches(text)) return match;
    return undefined;
  }

  /** All matches, left to right, none overlapping. */
  *matches(text: string): Generator<RegexMatch> {
    const native = this.nativeFor(text);
    if (native) {
      for (const match of text.matchAll(native)) {
        const groups = Array.from(match, (group) => group ?? "");
        yield { start: match.index, end: match.index + match[0].length, groups };
      }
      return;
    }
    const matcher = this.linear.matcher(text);
    while (matcher.find()) {
      const groups = Array.from({ length: this.groupCount + 1 }, (_, index) => matcher.group(index) ?? "");
      yield { start: matcher.start(), end: matcher.end(), groups };
    }
  }

  /** Replaces every match; `\0` to `\9` in `rewrite` stand for groups, `\\` for a backslash. */
  replace(text: string, rewrite: string): string {
    let result = "";
    let from = 0;
    for (const match of this.matches(text)) {
      result += text.slice(from, match.start);
      result += rewrite.replace(/\\([0-9\\])/g, (_, digit: string) =>
        digit === "\\" ? "\\" : (match.groups[Number(digit)] ?? ""),
      );
      from = match.end;
    }
    return result + text.slice(from);
  }

  /** JavaScript's engine, when the worst case on this text is small and both engines see the same characters. */
  private nativeFor(text: string): RegExp | undefined {
    const { simple, native } = this;
    if (!simple || !native) return undefined;
    return simple.factor * text.length ** simple.power <= STEP_BUDGET && ASCII.test(text) ? native : undefined;
  }
}

const cache = new Map<string, Regex>();

/**
 * The compiled pattern.
 * @throws KqlError when RE2 does not accept it.
 */
export function regex(pattern: string): Regex {
  const known = cache.get(pattern);
  if (known) return known;
  const made = new Regex(pattern);
  if (cache.size >= CACHED_PATTERNS) cache.clear();
  cache.set(pattern, made);
  return made;
}
