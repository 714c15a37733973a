import { type Json, member } from "../json";
import { invalidRule, type RuleError, TemplateError } from "./errors";
import { functionNamed } from "./functions";
import type { Evaluate } from "./scope";

/*
 * Template expressions, `[concat('a', parameters('b'))]`: text in brackets is an expression, `[[` stands for a literal
 * bracket, everything else is what it says. Source: "Template functions in policy rules", Microsoft Learn.
 */

/** Nesting of calls and indexes at most; deeper text is refused rather than followed. */
const DEPTH_MAX = 32;

/** True for text that is an expression. */
export function isExpression(text: string): boolean {
  return text.startsWith("[") && text.endsWith("]") && !text.startsWith("[[");
}

/** The value that a JSON value stands for: expressions worked out, in lists and objects too. Throws `RuleError`. */
export function compileValue(value: Json): { evaluate: Evaluate; literal?: Json } {
  if (typeof value === "string") return compileText(value);
  if (Array.isArray(value)) return compileList(value);
  if (typeof value === "object" && value !== null) {
    const parts = Object.entries(value).map(([key, item]) => ({ key, ...compileValue(item) }));
    if (parts.every((part) => "literal" in part)) return { evaluate: () => value, literal: value };
    return {
      evaluate: (scope) => Object.fromEntries(parts.map(({ key, evaluate }) => [key, evaluate(scope) ?? null])),
    };
  }
  return { evaluate: () => value, literal: value };
}

function compileList(value: Json[]): { evaluate: Evaluate; literal?: Json } {
  const parts = value.map(compileValue);
  if (parts.every((part) => "literal" in part)) return { evaluate: () => value, literal: value };
  return { evaluate: (scope) => parts.map(({ evaluate }) => evaluate(scope) ?? null) };
}

function compileText(text: string): { evaluate: Evaluate; literal?: Json } {
  if (isExpression(text)) return { evaluate: new Parser(text).whole() };
  const literal = text.startsWith("[[") ? text.slice(1) : text;
  return { evaluate: () => literal, literal };
}

const TOKEN = /\s*(?:(?<text>'(?:[^']|'')*')|(?<number>-?\d{1,15})|(?<name>[A-Za-z_$][\w$]*)|(?<mark>[()[\],.]))/y;

interface Token {
  kind: "text" | "number" | "name" | "mark";
  value: string;
}

class Parser {
  private readonly tokens: Token[];
  private at = 0;
  private depth = 0;

  constructor(private readonly source: string) {
    this.tokens = tokensOf(source, source.slice(1, -1));
  }

  whole(): Evaluate {
    const evaluate = this.expression();
    if (this.at < this.tokens.length) throw this.broken();
    return evaluate;
  }

  private expression(): Evaluate {
    if (++this.depth > DEPTH_MAX) throw this.broken();
    let evaluate = this.primary();
    for (;;) {
      if (this.take("mark", ".")) {
        const name = this.next("name").value;
        evaluate = property(evaluate, () => name);
      } else if (this.take("mark", "[")) {
        const key = this.expression();
        this.expect("]");
        evaluate = property(evaluate, key);
      } else break;
    }
    this.depth--;
    return evaluate;
  }

  private primary(): Evaluate {
    const token = this.tokens[this.at++];
    if (token?.kind === "text") {
      const text = token.value.slice(1, -1).replaceAll("''", "'");
      return () => text;
    }
    if (token?.kind === "number") {
      const number = Number(token.value);
      return () => number;
    }
    if (token?.kind !== "name") throw this.broken();
    this.expect("(");
    const literals: (string | undefined)[] = [];
    const parts: Evaluate[] = [];
    while (!this.take("mark", ")")) {
      if (parts.length > 0) this.expect(",");
      const first = this.tokens[this.at];
      const before = this.at;
      parts.push(this.expression());
      literals.push(
        first?.kind === "text" && this.at === before + 1 ? first.value.slice(1, -1).replaceAll("''", "'") : undefined,
      );
    }
    return functionNamed(token.value, parts, literals);
  }

  private take(kind: Token["kind"], value: string): boolean {
    const token = this.tokens[this.at];
    if (token?.kind !== kind || token.value !== value) return false;
    this.at++;
    return true;
  }

  private expect(mark: string): void {
    if (!this.take("mark", mark)) throw this.broken();
  }

  private next(kind: Token["kind"]): Token {
    const token = this.tokens[this.at++];
    if (token?.kind !== kind) throw this.broken();
    return token;
  }

  private broken(): RuleError {
    return invalidRule(`The template language expression '${this.source}' is not valid.`);
  }
}

function tokensOf(source: string, inner: string): Token[] {
  const tokens: Token[] = [];
  const end = inner.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const match = TOKEN.exec(inner);
    const groups = match?.groups;
    if (!groups) throw invalidRule(`The template language expression '${source}' is not valid.`);
    for (const kind of ["text", "number", "name", "mark"] as const) {
      const value = groups[kind];
      if (value !== undefined) tokens.push({ kind, value });
    }
  }
  return tokens;
}

/** A member of an object or list. What an object does not have is absent; what has no members at all is a failure. */
function property(of: Evaluate, key: Evaluate): Evaluate {
  return (scope) => {
    const value = of(scope);
    const name = key(scope);
    if (Array.isArray(value) && typeof name === "number") {
      if (name >= 0 && name < value.length) return value[name];
      throw new TemplateError(`The index '${name}' is out of bounds.`);
    }
    if (typeof value === "object" && value !== null && !Array.isArray(value) && typeof name === "string") {
      return member(value, name);
    }
    throw new TemplateError(`The property '${String(name)}' cannot be read: there is no object to read it from.`);
  };
}
