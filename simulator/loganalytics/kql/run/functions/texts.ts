import { domainToASCII, domainToUnicode } from "node:url";
import { KqlError } from "../../errors";
import type { Json } from "../../types";
import { elementOf, isArray, parseJson, propertyOf } from "../../values/parse";
import { regex } from "../../values/regex";
import { hasTerm } from "../../values/term";
import { jsonText } from "../../values/text";
import { constantValue, json, number, otherwise, text } from "../compiled";
import { call1, call2, call3, callAll, computed, type FunctionSpec, type FunctionTable } from "../function";
import { convertText } from "./convert";

/** Replaces each of several texts by its partner, in their order. */
function replaceStrings(value: string, sought: Json, rewrites: Json): string {
  if (!isArray(sought) || !isArray(rewrites)) return value;
  let result = value;
  for (const [at, each] of sought.entries()) {
    const from = jsonText(each);
    if (from !== "") result = result.replaceAll(from, () => jsonText(rewrites[at] ?? null));
  }
  return result;
}

/** Characters of one list turned into those of another; the last of a shorter list stands for the rest. */
function translate(from: string, to: string, value: string): string {
  const [sources, targets] = [[...from], [...to]];
  const map = new Map(sources.map((each, at) => [each, targets[at] ?? targets.at(-1) ?? ""]));
  return [...value].map((each) => map.get(each) ?? each).join("");
}

/** Fields of one line of comma-separated values. */
function csvFields(value: string): string[] {
  const line = value.split(/\r?\n/, 1)[0] ?? "";
  const fields: string[] = [];
  let at = 0;
  while (at <= line.length) {
    const quoted = /^"((?:[^"]|"")*)"(?=,|$)/.exec(line.slice(at));
    const field = quoted?.[0] ?? line.slice(at).split(",", 1)[0] ?? "";
    fields.push(quoted ? (quoted[1] ?? "").replaceAll('""', '"') : field);
    at += field.length + 1;
  }
  return fields;
}

/** Position of the first list element that stands in the text as a term; -1 when none does. */
function hasAnyIndex(source: string, list: Json): number | null {
  if (!isArray(list)) return null;
  const folded = source.toLowerCase();
  return list.findIndex((each) => hasTerm(folded, jsonText(each).toLowerCase()));
}

/** A path such as `$.a.b[0]['c']` in a JSON text. */
function extractPath(path: string, source: string): Json {
  if (!path.startsWith("$")) throw new KqlError("EvaluationFailed", `'${path}' is not a JSON path`);
  let value = parseJson(source);
  const rest = path.slice(1);
  const parts = rest.match(/\.[\w-]+|\[\d+\]|\['[^']*'\]|\["[^"]*"\]/g) ?? [];
  if (parts.join("") !== rest)
    throw new KqlError("NotSupported", `the JSON path '${path}' is not supported by this engine`);
  for (const part of parts) {
    const bare = part.startsWith(".") ? part.slice(1) : part.slice(1, -1);
    if (/^\d+$/.test(bare) && part.startsWith("[")) value = elementOf(value, Number(bare));
    else value = propertyOf(value, bare.replace(/^['"]|['"]$/g, ""));
  }
  return value;
}

const extractJson: FunctionSpec = {
  min: 2,
  max: 3,
  make: ([path, source, wanted]) => {
    const [where, read] = [text(path), text(source)];
    const type = constantValue(wanted);
    const { type: result, convert } = convertText(typeof type === "string" ? type : "string");
    return computed(result, (row, index) =>
      convert(jsonText(extractPath(where(row, index) ?? "", read(row, index) ?? ""))),
    );
  },
};

/** A version of up to four parts as one number that orders as they do. */
function versionNumber(value: string): number | null {
  const parts = value.trim().split(".");
  if (parts.length > 4 || parts.some((part) => !/^\d{1,8}$/.test(part))) return null;
  // Four parts of eight digits are beyond a double; four digits each are not.
  const numbers = [...parts, "0", "0", "0"].slice(0, 4).map(Number);
  if (numbers.some((each) => each > 9999)) {
    throw new KqlError("NotSupported", "parse_version() of parts beyond 9999 is not supported by this engine");
  }
  return numbers.reduce((sum, each) => sum * 10_000 + each, 0);
}

const UNITS = ["Bytes", "KB", "MB", "GB", "TB", "PB"];

function formatBytes(size: number, precision: number, wanted: string): string {
  const fixed = UNITS.indexOf(wanted);
  const step = fixed >= 0 ? fixed : Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, Math.abs(size))) / 10));
  const value = size / 1024 ** step;
  return `${Number(value.toFixed(Math.max(0, precision)))} ${UNITS[step]}`;
}

function codePoints(value: string): number[] {
  return [...value].map((letter) => letter.codePointAt(0) ?? 0);
}

const makeString: FunctionSpec = callAll("string", json, (values) =>
  values
    .flatMap((value) => (isArray(value) ? [...value] : [value]))
    .map((code) => (typeof code === "number" && code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ""))
    .join(""),
);

function indexOfRegex(value: string, pattern: string, start: number): number {
  for (const match of regex(pattern).matches(value)) if (match.start >= start) return match.start;
  return -1;
}

export const TEXTS: FunctionTable = {
  replace_strings: call3("string", [text, json, json], replaceStrings),
  translate: call3("string", [text, text, text], translate),
  parse_csv: call1("dynamic", text, csvFields),
  has_any_index: call2("long", [text, json], hasAnyIndex),
  extract_json: extractJson,
  extractjson: extractJson,
  indexof_regex: call3("long", [text, text, otherwise(number, 0)], indexOfRegex, 2),
  regex_quote: call1("string", text, (value) => value.replace(/[.+*?^${}()|[\]\\]/g, "\\$&")),
  parse_version: call1("decimal", text, versionNumber),
  format_bytes: call3("string", [number, otherwise(number, 0), otherwise(text, "")], formatBytes, 1),
  tohex: call2(
    "string",
    [number, otherwise(number, 0)],
    (value, width) =>
      (value < 0 ? BigInt.asUintN(64, BigInt(value)).toString(16) : value.toString(16)).padStart(width, "0"),
    1,
  ),
  make_string: makeString,
  unicode_codepoints_to_string: makeString,
  unicode_codepoints_from_string: call1("dynamic", text, codePoints),
  to_utf8: call1("dynamic", text, codePoints),
  isascii: call1("bool", text, (value) => codePoints(value).every((code) => code < 128)),
  isutf8: call1("bool", text, (value) => !value.includes("\uFFFD")),
  punycode_domain_from_string: call1("string", text, domainToASCII),
  punycode_domain_to_string: call1("string", text, domainToUnicode),
  base64_decode_toarray: call1("dynamic", text, (value) =>
    /^[a-z0-9+/]*={0,2}$/i.test(value) && value.length % 4 === 0 ? [...Buffer.from(value, "base64")] : null,
  ),
};
