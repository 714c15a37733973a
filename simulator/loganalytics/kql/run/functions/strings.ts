import type { Json } from "../../types";
import { type Regex, regex } from "../../values/regex";
import { textOf } from "../../values/text";
import { type Compiled, type Evaluate, json, number, otherwise, raw, text } from "../compiled";
import { call1, call2, call3, computed, type FunctionSpec, type FunctionTable } from "../function";
import { convertText } from "./convert";

/** Joins texts, all arguments as `tostring()` gives them. */
const strcat: FunctionSpec = {
  min: 1,
  max: 64,
  make: (args) => {
    const reads = args.map(text);
    return computed("string", (row, index) => {
      let joined = "";
      for (const read of reads) joined += read(row, index) ?? "";
      return joined;
    });
  },
};

const strcatDelim: FunctionSpec = {
  min: 2,
  max: 64,
  make: ([delimiter, ...parts]) => {
    const separator = text(delimiter);
    const reads = parts.map(text);
    return computed("string", (row, index) => reads.map((read) => read(row, index)).join(separator(row, index) ?? ""));
  },
};

/** A pattern that is made once when it is constant, so that a wrong one is told before the first row. */
function patternOf(argument: Compiled | undefined): Evaluate<Regex> {
  const read = text(argument);
  if (!argument?.constant) return (row, index) => regex(read(row, index) ?? "");
  const made = regex(read([], 0) ?? "");
  return () => made;
}

function trimmer(start: boolean, end: boolean): FunctionSpec {
  return call2("string", [text, text], (pattern, value) => {
    let trimmed = value;
    const first = start ? regex(`^(?:${pattern})`).first(trimmed) : undefined;
    if (first) trimmed = trimmed.slice(first.end);
    const last = end ? regex(`(?:${pattern})$`).first(trimmed) : undefined;
    return last ? trimmed.slice(0, last.start) : trimmed;
  });
}

/** The `group`-th capture of the first match, converted when a type is asked for; "" or null without a match. */
const extract: FunctionSpec = {
  min: 3,
  max: 4,
  make: (args) => {
    const pattern = patternOf(args[0]);
    const group = number(args[1]);
    const source = text(args[2]);
    const wanted = args[3]?.value([], 0);
    const { type, convert } = convertText(typeof wanted === "string" ? wanted : "string");
    return computed(type, (row, index) => {
      const match = pattern(row, index).first(source(row, index) ?? "");
      return convert(match?.groups[group(row, index) ?? 0] ?? "");
    });
  },
};

/** All matches: a list of texts with one group, a list of lists with more. */
const extractAll: FunctionSpec = {
  min: 2,
  max: 3,
  make: (args) => {
    const pattern = patternOf(args[0]);
    const picks = args.length === 3 ? json(args[1]) : undefined;
    const source = text(args.at(-1));
    return computed("dynamic", (row, index) => {
      const compiled = pattern(row, index);
      const picked = picks?.(row, index);
      const wanted = Array.isArray(picked)
        ? picked.map(Number)
        : Array.from({ length: compiled.groupCount }, (_, group) => group + 1);
      const found: Json[] = [];
      for (const match of compiled.matches(source(row, index) ?? "")) {
        const groups = wanted.map((group) => match.groups[group] ?? "");
        found.push(groups.length === 1 ? (groups[0] ?? "") : groups);
      }
      return found.length === 0 ? null : found;
    });
  },
};

function substring(value: string, start: number, length: number): string {
  const from = start < 0 ? Math.max(0, value.length + start) : start;
  return length < 0 ? "" : value.substr(from, length);
}

const indexOf: FunctionSpec = {
  min: 2,
  max: 5,
  make: (args) => {
    const source = text(args[0]);
    const sought = text(args[1]);
    const [from, length, occurrence] = [
      otherwise(number, 0)(args[2]),
      otherwise(number, -1)(args[3]),
      otherwise(number, 1)(args[4]),
    ];
    return computed("long", (row, index) => {
      const value = source(row, index) ?? "";
      const start = from(row, index) ?? 0;
      const size = length(row, index) ?? -1;
      const first = start < 0 ? Math.max(0, value.length + start) : start;
      const searched = size < 0 ? value : value.slice(0, first + size);
      const needle = sought(row, index) ?? "";
      let at = searched.indexOf(needle, first);
      for (let seen = 1; at !== -1 && seen < (occurrence(row, index) ?? 1); seen++)
        at = searched.indexOf(needle, at + 1);
      return at;
    });
  },
};

/** Occurrences of a text, overlapping ones too, or of a pattern. */
function countOf(value: string, sought: string, kind: string): number {
  let count = 0;
  if (kind.toLowerCase() === "regex") {
    for (const _ of regex(sought).matches(value)) count++;
    return count;
  }
  if (sought === "") return 0;
  for (let at = value.indexOf(sought); at !== -1; at = value.indexOf(sought, at + 1)) count++;
  return count;
}

const split: FunctionSpec = {
  min: 2,
  max: 3,
  make: (args) => {
    const source = text(args[0]);
    const delimiter = text(args[1]);
    const wanted = args[2] ? number(args[2]) : undefined;
    return computed("dynamic", (row, index) => {
      const value = source(row, index) ?? "";
      const separator = delimiter(row, index) ?? "";
      const parts = separator === "" ? [value] : value.split(separator);
      if (!wanted) return parts;
      const at = wanted(row, index) ?? 0;
      const part = parts[at < 0 ? parts.length + at : at];
      return part === undefined ? [] : [part];
    });
  },
};

const isEmpty: FunctionSpec = {
  min: 1,
  max: 1,
  make: ([value]) => {
    const read = raw(value);
    const type = value?.type ?? "string";
    return computed("bool", (row, index) => textOf(read(row, index), type) === "");
  },
};

const isNotEmpty: FunctionSpec = {
  ...isEmpty,
  make: (args, site) => {
    const { value } = isEmpty.make(args, site);
    return computed("bool", (row, index) => value(row, index) === false);
  },
};

export const STRINGS: FunctionTable = {
  strcat,
  strcat_delim: strcatDelim,
  strlen: call1("long", text, (value) => value.length),
  string_size: call1("long", text, (value) => Buffer.byteLength(value)),
  tolower: call1("string", text, (value) => value.toLowerCase()),
  toupper: call1("string", text, (value) => value.toUpperCase()),
  reverse: call1("string", text, (value) => [...value].reverse().join("")),
  substring: call3(
    "string",
    [text, number, otherwise(number, Number.POSITIVE_INFINITY)],
    (value, start, length) => substring(value, start, length),
    2,
  ),
  strrep: call3(
    "string",
    [text, number, otherwise(text, "")],
    (value, count, delimiter) =>
      Array.from({ length: Math.min(1024, Math.max(0, Math.trunc(count))) }, () => value).join(delimiter),
    2,
  ),
  strcmp: call2("long", [text, text], (left, right) => (left < right ? -1 : left > right ? 1 : 0)),
  trim: trimmer(true, true),
  trim_start: trimmer(true, false),
  trim_end: trimmer(false, true),
  replace_string: call3("string", [text, text, text], (value, sought, rewrite) =>
    sought === "" ? value : value.replaceAll(sought, () => rewrite),
  ),
  replace_regex: call3("string", [text, text, text], (value, pattern, rewrite) =>
    regex(pattern).replace(value, rewrite),
  ),
  replace: call3("string", [text, text, text], (pattern, rewrite, value) => regex(pattern).replace(value, rewrite)),
  extract,
  extract_all: extractAll,
  extractall: extractAll,
  split,
  indexof: indexOf,
  countof: call3("long", [text, text, otherwise(text, "normal")], countOf, 2),
  isempty: isEmpty,
  isnotempty: isNotEmpty,
  notempty: isNotEmpty,
};
