import { FilterError, type Literal, type Token, tokensOf } from "./tokens";

/*
 * The part of OData's filter language that Sentinel's lists and Microsoft Graph's security lists take: comparisons,
 * `and`, `or`, `not`, brackets, `contains`, `startswith`, `endswith`, and `any` over a collection.
 */

const OPERATORS = ["eq", "ne", "gt", "ge", "lt", "le"] as const;
type Operator = (typeof OPERATORS)[number];
const FUNCTIONS = ["contains", "startswith", "endswith"] as const;
type TextFunction = (typeof FUNCTIONS)[number];

export type Filter =
  | { kind: "compare"; path: string; operator: Operator; value: Literal }
  | { kind: "text"; function: TextFunction; path: string; value: string }
  | { kind: "any"; path: string; variable: string; inner: Filter }
  | { kind: "not"; inner: Filter }
  | { kind: "and" | "or"; left: Filter; right: Filter };

/** Deeper brackets are refused, so that no filter can exhaust the stack. */
const DEPTH_MAX = 40;

/** Reads a filter. Throws `FilterError` for what is not one, `all` and arithmetic included. */
export function parseFilter(text: string): Filter {
  const reader = new Reader(tokensOf(text));
  const filter = reader.either(0);
  reader.end();
  return filter;
}

class Reader {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  either(depth: number): Filter {
    if (depth > DEPTH_MAX) throw new FilterError("The filter is nested too deeply.");
    let left = this.both(depth);
    while (this.takeWord("or")) left = { kind: "or", left, right: this.both(depth) };
    return left;
  }

  end(): void {
    if (this.at < this.tokens.length) throw new FilterError("The filter goes on where it should end.");
  }

  private both(depth: number): Filter {
    let left = this.one(depth);
    while (this.takeWord("and")) left = { kind: "and", left, right: this.one(depth) };
    return left;
  }

  private one(depth: number): Filter {
    if (this.takeWord("not")) {
      if (depth > DEPTH_MAX) throw new FilterError("The filter is nested too deeply.");
      return { kind: "not", inner: this.one(depth + 1) };
    }
    if (this.take("(")) {
      const inner = this.either(depth + 1);
      this.need(")");
      return inner;
    }
    const word = this.word();
    const name = FUNCTIONS.find((known) => known === word);
    if (name !== undefined) return this.textCall(name);
    if (word.endsWith("/any")) return this.lambda(word.slice(0, -"/any".length), depth);
    return this.comparison(word);
  }

  private textCall(name: TextFunction): Filter {
    this.need("(");
    const path = this.word();
    this.need(",");
    const value = this.literal();
    this.need(")");
    if (typeof value !== "string") throw new FilterError(`${name} takes a text in quotes.`);
    return { kind: "text", function: name, path, value };
  }

  private lambda(path: string, depth: number): Filter {
    this.need("(");
    const variable = this.word();
    this.need(":");
    const inner = this.either(depth + 1);
    this.need(")");
    return { kind: "any", path, variable, inner };
  }

  private comparison(path: string): Filter {
    const word = this.word();
    const operator = OPERATORS.find((known) => known === word);
    if (operator === undefined) throw new FilterError(`'${word}' is not an operator.`);
    return { kind: "compare", path, operator, value: this.literal() };
  }

  private peek(): Token | undefined {
    return this.tokens[this.at];
  }

  private take(kind: Token["kind"]): boolean {
    if (this.peek()?.kind !== kind) return false;
    this.at++;
    return true;
  }

  private takeWord(text: string): boolean {
    const token = this.peek();
    if (token?.kind !== "word" || token.text !== text) return false;
    this.at++;
    return true;
  }

  private need(kind: Token["kind"]): void {
    if (!this.take(kind)) throw new FilterError(`'${kind}' is missing in the filter.`);
  }

  private word(): string {
    const token = this.peek();
    if (token?.kind !== "word") throw new FilterError("A name is missing in the filter.");
    this.at++;
    return token.text;
  }

  private literal(): Literal {
    const token = this.peek();
    if (token?.kind !== "literal") throw new FilterError("A value is missing in the filter.");
    this.at++;
    return token.value;
  }
}
