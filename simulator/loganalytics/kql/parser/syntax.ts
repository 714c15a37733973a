import type { Column, KqlType } from "../types";

/** What a name refers to, as the parser resolved it. */
export type SymbolKind = "Variable" | "Function" | "Parameter" | "Column" | "Table" | "Other";

/**
 * The syntax tree as plain data: what lowering needs and nothing of the parser. Child nodes are found by the parser's
 * names for them (`Condition`, `Expressions`); a list is an array, its separators left out.
 */
export interface SyntaxNode {
  /** The parser's kind, e.g. `FilterOperator`. */
  kind: string;
  /** Characters from the start of the query. */
  start: number;
  /** Tokens only: the text as written. */
  text?: string;
  children: Record<string, SyntaxNode>;
  lists: Record<string, SyntaxNode[]>;
  /** Expressions: scalar type, when the parser knows it. */
  type?: KqlType;
  /** Tabular expressions and operators: output columns. */
  columns?: Column[];
  /** Tabular: more columns may appear when it runs. */
  open?: boolean;
  /** Names and calls: what is meant. */
  symbol?: { kind: SymbolKind; name: string };
  /** Names: without quotes or brackets. */
  name?: string;
  /** String literals: the value with escapes resolved. */
  string?: string;
  /** Items of a list: the column name that the parser would give. */
  resultName?: string;
  /** Calls of functions declared in the query: the body as analysed for this call. */
  body?: SyntaxNode;
}

/** A complaint of the parser. Warnings never stop a query. */
export interface Diagnostic {
  severity: "Error" | "Warning" | "Other";
  code: string;
  message: string;
  position: number;
}
