/*
 * Microsoft's KQL parser, for tests only: it must accept every query before a rule or a fact rests on it. The package is
 * C# compiled to JavaScript and writes a global; its overloaded constructors have numbered names, hence the exact pin.
 */
import "@kusto/language-service-next/bridge.min.js";
import "@kusto/language-service-next/Kusto.Language.Bridge.min.js";

interface List<T> {
  Count: number;
  getItem(index: number): T;
}

interface Diagnostic {
  Severity: string;
  Code: string;
  Start: number;
  Message: string;
}

interface Analysed {
  GetDiagnostics(): List<Diagnostic>;
  ResultType: { Columns?: List<{ Name: string }> } | null;
}

interface Parser {
  KustoCode: { ParseAndAnalyze(text: string, globals: unknown): Analysed };
  GlobalState: { Default: { WithDatabase(database: unknown): unknown } };
  Symbols: {
    ScalarTypes: Record<string, unknown>;
    ColumnSymbol: new (name: string, type: unknown) => unknown;
    TableSymbol: { $ctor4: new (name: string, columns: unknown[]) => unknown };
    DatabaseSymbol: { ctor: new (name: string, members: unknown[]) => unknown };
    Parameter: { $ctor2: new (name: string, type: unknown) => unknown };
    FunctionSymbol: { $ctor5: new (name: string, returns: unknown, parameters: unknown[]) => unknown };
  };
}

// Not typed by the package in a form that compiles strictly; the members above were looked up in it and are exercised here.
const { Kusto } = globalThis as unknown as { Kusto: { Language: Parser } };
const { Symbols, GlobalState, KustoCode } = Kusto.Language;

type ColumnType = "string" | "long" | "int" | "real" | "bool" | "datetime" | "dynamic";
type Schema = Record<string, ColumnType>;

const COMMON: Schema = {
  TenantId: "string",
  TimeGenerated: "datetime",
  OperationName: "string",
  OperationVersion: "string",
  ResultType: "string",
  ResultSignature: "string",
  ResultDescription: "string",
  CorrelationId: "string",
  Type: "string",
  _ResourceId: "string",
};

/** The columns of the tables that our queries read; those of AzureDiagnostics come into being on first use. */
export const TABLES: Record<string, Schema> = {
  AzureDiagnostics: {
    ...COMMON,
    Category: "string",
    ResourceProvider: "string",
    ResourceType: "string",
    ResourceId: "string",
    Resource: "string",
    SubscriptionId: "string",
    CallerIPAddress: "string",
    DurationMs: "long",
    httpStatusCode_d: "real",
    requestUri_s: "string",
    id_s: "string",
    clientInfo_s: "string",
    identity_claim_oid_g: "string",
    identity_claim_appid_g: "string",
    identity_claim_upn_s: "string",
    identity_claim_xms_mirid_s: "string",
  },
  AZKVAuditLogs: {
    ...COMMON,
    CallerIpAddress: "string",
    DurationMs: "int",
    HttpStatusCode: "int",
    RequestUri: "string",
    Id: "string",
    ClientInfo: "string",
    Identity: "dynamic",
    SecretProperties: "dynamic",
    KeyProperties: "dynamic",
  },
  AzureActivity: {
    ...COMMON,
    OperationNameValue: "string",
    ActivityStatusValue: "string",
    ResourceProviderValue: "string",
    Caller: "string",
    CallerIpAddress: "string",
    Claims_d: "dynamic",
    Properties_d: "dynamic",
    ResourceId: "string",
  },
};

const WATCHLIST: Schema = {
  _DTItemId: "string",
  LastUpdatedTimeUTC: "datetime",
  SearchKey: "string",
  WatchlistItem: "dynamic",
  ResourceProvider: "string",
  ResourceId: "string",
  HoneyToken: "string",
  Properties: "string",
};

/** The same list with the columns that this product adds. */
const OWN_WATCHLIST: Schema = {
  ...WATCHLIST,
  TokenKey: "string",
  State: "string",
  PlanterOid: "string",
  WindowStart: "string",
  WindowEnd: "string",
};

/** What the parser says against `query` (errors and warnings), and the columns that it returns. */
export function analyse(
  query: string,
  options: { tables?: Record<string, Schema>; watchlist?: "upstream" | "own" } = {},
): { problems: string[]; columns: string[] } {
  const tables = Object.entries(options.tables ?? TABLES).map(
    ([name, schema]) => new Symbols.TableSymbol.$ctor4(name, columnsOf(schema)),
  );
  const watchlist = new Symbols.TableSymbol.$ctor4(
    "watchlist",
    columnsOf(options.watchlist === "upstream" ? WATCHLIST : OWN_WATCHLIST),
  );
  const getWatchlist = new Symbols.FunctionSymbol.$ctor5("_GetWatchlist", watchlist, [
    new Symbols.Parameter.$ctor2("alias", Symbols.ScalarTypes.String),
  ]);
  const database = new Symbols.DatabaseSymbol.ctor("workspace", [...tables, getWatchlist]);
  const code = KustoCode.ParseAndAnalyze(query, GlobalState.Default.WithDatabase(database));
  const problems = toArray(code.GetDiagnostics())
    .filter(({ Severity }) => Severity === "Error" || Severity === "Warning")
    .map(({ Severity, Code, Message, Start }) => `${Severity} ${Code} ${Message} at ${query.slice(Start, Start + 40)}`);
  const columns = code.ResultType?.Columns ? toArray(code.ResultType.Columns).map(({ Name }) => Name) : [];
  return { problems, columns };
}

function columnsOf(schema: Schema): unknown[] {
  return Object.entries(schema).map(([name, type]) => {
    const scalar = type === "datetime" ? "DateTime" : `${type.charAt(0).toUpperCase()}${type.slice(1)}`;
    return new Symbols.ColumnSymbol(name, Symbols.ScalarTypes[scalar]);
  });
}

function toArray<T>(list: List<T>): T[] {
  return Array.from({ length: list.Count }, (_, index) => list.getItem(index));
}
