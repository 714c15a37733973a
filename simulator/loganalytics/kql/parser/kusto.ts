/*
 * The only file that touches Microsoft's parser. The package is C# compiled to JavaScript: its overloaded constructors
 * are called `$ctor1`, `$ctor4` and so on, and those numbers can move, so the version is pinned exactly and this file
 * names the few members that are used. Loading takes 0.3 s and the first analysis 1-4 s: load it in a worker only.
 */
import "@kusto/language-service-next/bridge.min.js";
import "@kusto/language-service-next/Kusto.Language.Bridge.min.js";

interface List<T> {
  Count: number;
  getItem(index: number): T;
}

export interface NativeType {
  Name: string;
  Kind: number;
  /** Tables only. */
  Columns?: List<{ Name: string; Type: NativeType }>;
  IsOpen?: boolean;
}

/** A node or token of the syntax tree, with the members that exist on some kinds only marked optional. */
export interface NativeNode {
  Kind: number;
  ChildCount: number;
  GetChild(index: number): NativeNode | null;
  GetName(index: number): string | null;
  TextStart: number;
  Text?: string;
  /** Literals: the parser's value. Only text is taken from it: other kinds lose digits in JavaScript. */
  ConstantValue?: unknown;
  IsConstant?: boolean;
  ResultType?: NativeType | null;
  ReferencedSymbol?: {
    Name: string;
    Kind: number;
    /** Functions only; those that the query declares know where. */
    Signatures?: List<{ Declaration: NativeNode | null }>;
  } | null;
  SimpleName?: string;
  GetCalledFunctionBody?(): NativeNode | null;
}

interface NativeDiagnostic {
  Severity: string;
  Code: string;
  Start: number;
  Message: string;
}

interface NativeArgument {
  IsConstant: boolean;
  ConstantValue: unknown;
  ResultType: NativeType | null;
}

interface Native {
  KustoCode: {
    ParseAndAnalyze(text: string, globals: unknown): { Syntax: NativeNode; GetDiagnostics(): List<NativeDiagnostic> };
  };
  GlobalState: { Default: { WithDatabase(database: unknown): unknown } };
  Syntax: { SyntaxKind: Record<string, unknown> };
  Binding: { Binder: { GetExpressionResultName(expression: NativeNode, otherwise: string): string } };
  Symbols: {
    SymbolKind: Record<string, unknown>;
    ScalarTypes: Record<string, NativeType>;
    ColumnSymbol: new (name: string, type: NativeType | undefined) => unknown;
    TableSymbol: { $ctor4: new (name: string, columns: unknown[]) => NativeType };
    DatabaseSymbol: { ctor: new (name: string, members: unknown[]) => unknown };
    Parameter: {
      $ctor3: new (
        name: string,
        type: NativeType | undefined,
        argumentKind: number,
        values: null,
        examples: null,
        isCaseSensitive: boolean,
        defaultValueIndicator: null,
        minOccurring: number,
      ) => unknown;
    };
    FunctionSymbol: {
      ctor: new (
        name: string,
        returns: (call: { Arguments: List<NativeArgument> }) => NativeType,
        tabularity: unknown,
        parameters: unknown[],
      ) => unknown;
    };
    Tabularity: { Tabular: unknown };
  };
}

// The package writes a global and exports nothing; its own typings describe 34,000 lines of it and do not compile strictly.
const { Kusto } = globalThis as unknown as { Kusto: { Language: Native } };

/** The parser. */
export const kusto: Native = Kusto.Language;

/** Reverses one of the parser's enumerations: number -> name. */
function namesOf(enumeration: Record<string, unknown>): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const [name, value] of Object.entries(enumeration)) if (typeof value === "number") names.set(value, name);
  return names;
}

export const syntaxKinds = namesOf(kusto.Syntax.SyntaxKind);
export const symbolKinds = namesOf(kusto.Symbols.SymbolKind);

/** Copies one of the parser's lists. */
export function toArray<T>(list: List<T>): T[] {
  return Array.from({ length: list.Count }, (_, index) => list.getItem(index));
}
