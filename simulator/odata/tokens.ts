/** A filter that cannot be read; services answer it with an error of their own. */
export class FilterError extends Error {}

export type Literal = string | number | boolean | null | Date;

export type Token =
  | { kind: "word"; text: string }
  | { kind: "literal"; value: Literal }
  | { kind: "(" | ")" | "," | ":" };

/** Longest filter that is read: ASP.NET's OData has limits of this order, and ours must be bounded. */
const FILTER_MAX = 8000;

const PATTERNS: readonly [RegExp, (text: string) => Token | undefined][] = [
  [/\s+/y, () => undefined],
  [/'(?:[^']|'')*'/y, (text) => ({ kind: "literal", value: text.slice(1, -1).replaceAll("''", "'") })],
  [/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,12})?)?(?:Z|[+-]\d{2}:\d{2})/y, dateToken],
  [/\d{4}-\d{2}-\d{2}(?![\w-])/y, dateToken],
  [/-?\d+(?:\.\d+)?(?![\w.-])/y, (text) => ({ kind: "literal", value: Number(text) })],
  [/[(),:]/y, (text) => punctuation(text)],
  [/[A-Za-z_$][\w.]*(?:\/[A-Za-z_][\w.]*)*/y, (text) => word(text)],
];

function dateToken(text: string): Token {
  const value = new Date(text);
  if (Number.isNaN(value.getTime())) throw new FilterError(`'${text}' is not a date.`);
  return { kind: "literal", value };
}

function punctuation(text: string): Token {
  if (text === "(" || text === ")" || text === "," || text === ":") return { kind: text };
  throw new FilterError(`'${text}' is not expected.`);
}

function word(text: string): Token {
  if (text === "true" || text === "false") return { kind: "literal", value: text === "true" };
  if (text === "null") return { kind: "literal", value: null };
  return { kind: "word", text };
}

/** The words, literals and signs of an OData filter. Throws `FilterError`. */
export function tokensOf(text: string): Token[] {
  if (text.length > FILTER_MAX) throw new FilterError("The filter is too long.");
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const found = matchAt(text, at);
    if (!found) throw new FilterError(`Syntax error at position ${at} in the filter.`);
    if (found.token) tokens.push(found.token);
    at = found.end;
  }
  return tokens;
}

function matchAt(text: string, at: number): { token: Token | undefined; end: number } | undefined {
  for (const [pattern, make] of PATTERNS) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) return { token: make(match[0]), end: pattern.lastIndex };
  }
  return undefined;
}
