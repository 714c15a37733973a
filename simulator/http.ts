/** The shape of one request as every service of the simulated tenant sees it, whatever host it was meant for. */
export interface SimRequest {
  method: string;
  /** The host that the caller meant: `x-forwarded-host`, else `Host`; lower case, without port. */
  host: string;
  /** Decoded path, slashes collapsed, original casing; compare without case. */
  path: string;
  /** Parsed, never matched by text: TypeSpec clients encode parameter names (`api%2Dversion`). */
  query: URLSearchParams;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  /** The body as text; empty when there was none. */
  text: string;
  /** Parsed JSON body. Throws the service's own "bad request" when the body is not JSON. */
  json(): unknown;
  /** Address of the caller as the service sees it (`x-forwarded-for`, else a public documentation address). */
  callerAddress: string;
}

export interface SimResponse {
  status: number;
  headers?: Record<string, string>;
  /** Sent as JSON; a string is sent as it is (HTML pages of the sign-in). */
  body?: unknown;
}

/**
 * An error as Azure answers it. ARM, Key Vault and Log Analytics all use
 * `{ error: { code, message, innererror? } }`; Entra has its own shape and its own class.
 */
export class AzureError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly extra: {
      headers?: Record<string, string>;
      innererror?: unknown;
      details?: unknown;
      target?: string;
      additionalInfo?: unknown;
    } = {},
  ) {
    super(message);
  }

  toResponse(): SimResponse {
    const { headers, innererror, details, target, additionalInfo } = this.extra;
    return {
      status: this.status,
      headers: headers ?? {},
      body: {
        error: {
          code: this.code,
          ...(target === undefined ? {} : { target }),
          message: this.message,
          ...(additionalInfo === undefined ? {} : { additionalInfo }),
          ...(details === undefined ? {} : { details }),
          ...(innererror === undefined ? {} : { innererror }),
        },
      },
    };
  }
}

export type Handler<C> = (call: C, params: Record<string, string>) => SimResponse | Promise<SimResponse>;

interface Route<C> {
  method: string;
  pattern: string;
  segments: string[];
  handler: Handler<C>;
}

/**
 * Matches `METHOD /a/{b}/c` without case, as ARM does. A pattern segment `{x}` takes one segment,
 * one `{x*}` takes one or more (a scope). Literal segments win over parameters.
 */
export class Router<C extends { request: SimRequest }> {
  private readonly routes: Route<C>[] = [];

  on(method: string, pattern: string, handler: Handler<C>): this {
    this.routes.push({ method, pattern, segments: pattern.split("/").filter(Boolean), handler });
    return this;
  }

  /** Every route as `GET /a/{b}`, in the order in which they were added. */
  list(): string[] {
    return this.routes.map(({ method, pattern }) => `${method} ${pattern}`);
  }

  /** The handler of the most specific route, or what was wrong: no such path, or not with this method. */
  match(
    method: string,
    path: string,
  ): { handler: Handler<C>; params: Record<string, string>; route: string } | "path" | "method" {
    const segments = path.split("/").filter(Boolean);
    let best: { route: Route<C>; params: Record<string, string>; literals: number } | undefined;
    let pathKnown = false;
    for (const route of this.routes) {
      const params = matchSegments(route.segments, segments);
      if (!params) continue;
      pathKnown = true;
      if (route.method !== method) continue;
      const literals = route.segments.filter((segment) => !segment.startsWith("{")).length;
      if (!best || literals > best.literals) best = { route, params, literals };
    }
    if (best)
      return { handler: best.route.handler, params: best.params, route: `${best.route.method} ${best.route.pattern}` };
    return pathKnown ? "method" : "path";
  }
}

function matchSegments(pattern: string[], segments: string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  const wild = pattern.findIndex((segment) => segment.endsWith("*}"));
  const extra = segments.length - pattern.length;
  if (wild < 0 ? extra !== 0 : extra < 0) return undefined;
  for (let i = 0; i < pattern.length; i++) {
    const want = pattern[i] ?? "";
    if (i === wild) {
      params[want.slice(1, -2)] = `/${segments.slice(wild, wild + extra + 1).join("/")}`;
      continue;
    }
    const got = segments[wild >= 0 && i > wild ? i + extra : i] ?? "";
    if (want.startsWith("{")) params[want.slice(1, -1)] = got;
    else if (want.toLowerCase() !== got.toLowerCase()) return undefined;
  }
  return params;
}
