import type { IncomingMessage } from "node:http";
import { AzureError, type SimRequest } from "./http";

/** Azure's services take bodies of this size in what the product sends; larger ones are refused with 413. */
const BODY_BYTES_MAX = 4 * 1024 * 1024;
/** An address of more characters is refused with 414. Azure documents no figure; its front ends keep to about this. */
const TARGET_MAX = 16 * 1024;
/** Bytes of a request's first line and headers that are read, so that what is too long for Azure still gets an answer. */
export const HEAD_BYTES_MAX = 2 * 1024 * 1024;
/** More than this is cut off without an answer. */
const DISCARDED_BYTES_MAX = 64 * 1024 * 1024;

/** A documentation address (RFC 5737): what a caller without a forwarded address looks like to the services. */
const PUBLIC_ADDRESS = "203.0.113.10";

/** Reads a whole request. Throws `AzureError` 400 or 413; `notJson` is the refusal of the service that is meant. */
export async function readRequest(message: IncomingMessage, host: string, notJson: AzureError): Promise<SimRequest> {
  const { path, query } = readTarget(message.url ?? "/");
  const headers = readHeaders(message);
  const text = await readBody(message);
  return {
    method: (message.method ?? "GET").toUpperCase(),
    host,
    path,
    query,
    headers,
    text,
    json: () => {
      try {
        return JSON.parse(text);
      } catch {
        throw notJson;
      }
    },
    callerAddress: callerAddress(headers["x-forwarded-for"]),
  };
}

/**
 * Throws `AzureError` 414 for an address that is too long. Status and shape are those of Azure's services; the code and the
 * sentence are not documented.
 */
export function checkLength(target: string): void {
  if (target.length <= TARGET_MAX) return;
  throw new AzureError(414, "RequestUriTooLong", "The request URI is too long.");
}

/** Splits the request target; throws `AzureError` 400 on encodings that have no honest meaning. */
export function readTarget(target: string): { path: string; query: URLSearchParams } {
  if (!target.startsWith("/")) throw badTarget();
  const cut = target.indexOf("?");
  const raw = cut < 0 ? target : target.slice(0, cut);
  let path: string;
  try {
    path = decodeURIComponent(raw).replace(/\/{2,}/g, "/");
  } catch {
    throw badTarget();
  }
  const segments = path.split("/");
  if (
    segments.some((segment) => segment === "." || segment === "..") ||
    hasControlCharacters(path) ||
    path.includes("\\")
  ) {
    throw badTarget();
  }
  return { path, query: new URLSearchParams(cut < 0 ? "" : target.slice(cut + 1)) };
}

/** `Host` or `x-forwarded-host` without port, lower case; undefined when it is no host name at all. */
export function hostName(header: string | undefined): string | undefined {
  const first = header?.split(",")[0]?.trim().toLowerCase() ?? "";
  return /^([a-z0-9.-]{1,253})(?::\d{1,5})?$/.exec(first)?.[1];
}

function badTarget(): AzureError {
  return new AzureError(400, "BadRequest", "The request URI is not valid.");
}

function hasControlCharacters(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

function readHeaders(message: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return headers;
}

/**
 * The body as text. One that is too large is read to its end and thrown away before it is refused: a client that is
 * still sending would otherwise see a broken connection and not the 413.
 */
async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    const bytes: Buffer = chunk;
    size += bytes.length;
    if (size > DISCARDED_BYTES_MAX) break;
    if (size <= BODY_BYTES_MAX) chunks.push(bytes);
  }
  if (size > BODY_BYTES_MAX) {
    throw new AzureError(413, "RequestEntityTooLarge", "The request body is larger than 4 MB.");
  }
  return Buffer.concat(chunks).toString("utf8");
}

function callerAddress(forwarded: string | undefined): string {
  const first = forwarded?.split(",")[0]?.trim() ?? "";
  // A browser or server on this machine would show up as loopback, which no Azure log ever holds.
  if (!/^[0-9a-f.:]{3,45}$/i.test(first) || /^(127\.|::1$|::ffff:127\.|0\.0\.0\.0$)/i.test(first))
    return PUBLIC_ADDRESS;
  return first;
}
