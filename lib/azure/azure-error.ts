import "server-only";
import { z } from "zod";
import { ERROR_CODE_HEADER } from "./inner-code";

/** What an Azure error says, whichever of its many shapes it came in. */
export interface AzureError {
  /** HTTP status; undefined when there was no answer at all. */
  status: number | undefined;
  /** All codes, outermost first, as `Forbidden`, `ForbiddenByFirewall`. Never free text. */
  codes: string[];
  /** The operation that a role lacks, as `Microsoft.KeyVault/vaults/read`, when Azure named one. */
  action: string | undefined;
  /** Microsoft Sentinel is not switched on for the workspace, which Azure tells in words only. */
  withoutSentinel: boolean;
  /** From Retry-After and its relatives, seconds; undefined when Azure did not say. */
  retryAfterSeconds: number | undefined;
  /** Decoded claims of a challenge: the person has to satisfy them. */
  claims: string | undefined;
}

/**
 * What is kept of a client's error. The original holds the whole request, bearer token and secret value included, and
 * whoever stores or prints an error (a job engine, a framework) would store or print those.
 */
export class AzureFault extends Error {
  override readonly name = "AzureFault";

  constructor(
    readonly azure: AzureError,
    original: Error,
  ) {
    const answer = azure.status === undefined ? "Azure gave no answer" : `Azure answered ${azure.status}`;
    super([answer, ...azure.codes].join(" "));
    // Where it happened; the first lines of a stack repeat the message.
    const frames = (original.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
    this.stack = [`${this.name}: ${this.message}`, ...frames].join("\n");
  }
}

interface HeaderSource {
  get(name: string): string | undefined;
}

const Headers = z.custom<HeaderSource>(
  (value) => typeof value === "object" && value !== null && "get" in value && typeof value.get === "function",
);
const Thrown = z.object({
  statusCode: z.number().optional().catch(undefined),
  code: z.unknown().optional(),
  message: z.unknown().optional(),
  details: z.unknown().optional(),
  cause: z.unknown().optional(),
  response: z
    .object({ status: z.number(), bodyAsText: z.string().nullish(), headers: Headers })
    .optional()
    .catch(undefined),
});

/** Azure's codes are single words; anything else is text, and text may hold names. */
const CODE = /^[A-Za-z][A-Za-z0-9_.]{0,79}$/;
const ACTION = /perform action '([A-Za-z0-9./*_-]{1,200})'/;
const WITHOUT_SENTINEL = /\bnot onboarded\b/i;
const DEPTH_MAX = 8;

/** Reads an error thrown by an Azure client, or an AppError made from one; undefined when it is something else. */
export function azureErrorOf(error: unknown): AzureError | undefined {
  if (error instanceof AzureFault) return error.azure;
  const thrown = Thrown.safeParse(error);
  if (!thrown.success || error instanceof z.ZodError) return undefined;
  const { statusCode, code, message, details, cause, response } = thrown.data;
  const status = response?.status ?? statusCode;
  const codes = new Set<string>();
  if (typeof code === "string" && CODE.test(code)) codes.add(code);
  const texts: string[] = [];
  for (const source of [response?.bodyAsText, details, message]) collect(source, codes, texts, 0);
  const told = response?.headers.get(ERROR_CODE_HEADER);
  if (told && CODE.test(told)) codes.add(told);
  if (status === undefined && codes.size === 0) return cause === undefined ? undefined : azureErrorOf(cause);
  return {
    status,
    codes: [...codes],
    action: texts.map((text) => ACTION.exec(text)?.[1]).find((found) => found !== undefined),
    withoutSentinel: status === 400 && texts.some((text) => WITHOUT_SENTINEL.test(text)),
    retryAfterSeconds: response ? retryAfterSeconds(response.headers) : undefined,
    claims: response ? claimsOf(response.headers.get("www-authenticate")) : undefined,
  };
}

/** Walks nested `error`, `innererror`, `details` and JSON inside text (also encoded twice), gathering codes and texts. */
function collect(value: unknown, codes: Set<string>, texts: string[], depth: number): void {
  if (depth > DEPTH_MAX || value === null || value === undefined) return;
  if (typeof value === "string") {
    const parsed = parseJson(value);
    if (parsed !== undefined) collect(parsed, codes, texts, depth + 1);
    else collectText(value, codes, texts);
  } else if (Array.isArray(value)) {
    for (const one of value.slice(0, 20)) collect(one, codes, texts, depth + 1);
  } else if (typeof value === "object") {
    for (const [name, part] of Object.entries(value)) {
      const key = name.toLowerCase();
      if ((key === "code" || key === "errorcode") && typeof part === "string" && CODE.test(part)) codes.add(part);
      else if (WORTH_READING.has(key)) collect(part, codes, texts, depth + 1);
    }
  }
}

const WORTH_READING = new Set(["error", "innererror", "details", "message", "odata.error", "body", "value"]);

function collectText(text: string, codes: Set<string>, texts: string[]): void {
  texts.push(text);
  // Storage-like services and gateways answer in XML.
  const xml = /<Code>([^<]+)<\/Code>/i.exec(text)?.[1];
  if (xml && CODE.test(xml)) codes.add(xml);
}

function parseJson(text: string): unknown {
  const trimmed = text.trim();
  if (!/^[[{"]/.test(trimmed)) return undefined;
  try {
    return JSON.parse(trimmed);
  } catch {
    return undefined;
  }
}

/** Seconds that an answer asks to wait; undefined when it does not say. */
export function retryAfterSeconds(headers: HeaderSource): number | undefined {
  for (const name of ["retry-after-ms", "x-ms-retry-after-ms"]) {
    const milliseconds = Number(headers.get(name) ?? Number.NaN);
    if (Number.isFinite(milliseconds)) return Math.max(1, Math.ceil(milliseconds / 1000));
  }
  const given = headers.get("retry-after");
  if (given !== undefined) {
    const seconds = Number(given);
    if (Number.isFinite(seconds)) return Math.max(1, Math.ceil(seconds));
    const date = Date.parse(given);
    if (Number.isFinite(date)) return Math.max(1, Math.ceil((date - Date.now()) / 1000));
  }
  // Resource Graph: hh:mm:ss until the quota is full again.
  const quota = /^(\d+):(\d\d):(\d\d)$/.exec(headers.get("x-ms-user-quota-resets-after") ?? "");
  if (!quota) return undefined;
  return Math.max(1, Number(quota[1]) * 3600 + Number(quota[2]) * 60 + Number(quota[3]));
}

/** `claims="<base64>"` of a continuous access evaluation challenge. */
function claimsOf(challenge: string | undefined): string | undefined {
  const encoded = /\bclaims="([A-Za-z0-9+/=_-]+)"/.exec(challenge ?? "")?.[1];
  if (!encoded) return undefined;
  const claims = Buffer.from(encoded, "base64").toString("utf8");
  return parseJson(claims) === undefined ? undefined : claims;
}
