import "server-only";
import { randomUUID } from "node:crypto";
import type { z } from "zod";
import type { Role, User, UserContext } from "@/lib/context";
import { AppError, statusOf } from "@/lib/errors";
import type { ActionResult, Failure } from "@/lib/errors.pure";
import { log } from "@/lib/log";
import { contextFor, productConfig } from "@/lib/runtime";
import { traced } from "@/lib/telemetry/spans";
import { asUser } from "./on-behalf-of";
import { authenticate } from "./token";

export interface Access {
  /** Any one of these app roles; left out = any signed-in person of the tenant. */
  roles?: readonly Role[];
}

type RouteParams = Record<string, string | string[] | undefined>;

/**
 * A GET route handler. In this order: validates the token, checks the role, parses `{...query, ...params}`, runs the
 * handler, maps errors. A query name given more than once arrives as a list. Answers `T`, or `{ error: Failure }` with
 * its status; a step-up carries its claims in `WWW-Authenticate`.
 */
export function withUserRoute<I, O>(
  access: Access,
  schema: z.ZodType<I>,
  handler: (ctx: UserContext, input: I) => Promise<O>,
): (request: Request, route: { params: Promise<RouteParams> }) => Promise<Response> {
  return (request, route) =>
    tracedRequest("read", async (requestId, failed) => {
      try {
        const ctx = await enter(access, bearerOf(request), requestId);
        const input = parseInput(schema, { ...queryOf(request), ...(await route.params) });
        return answer(200, await handler(ctx, input), requestId);
      } catch (error) {
        const failure = failed(toFailure(error, requestId));
        return answer(statusOf(failure.code), { error: failure }, requestId, challengeOf(failure));
      }
    });
}

/** A server action: the token comes first, then the input. The same order; never throws, failures are answers. */
export function withUserAction<I, O>(
  access: Access,
  schema: z.ZodType<I>,
  handler: (ctx: UserContext, input: I) => Promise<O>,
): (token: string, input: unknown) => Promise<ActionResult<O>> {
  return (token, input) =>
    tracedRequest("action", async (requestId, failed) => {
      try {
        const ctx = await enter(access, token, requestId);
        return { ok: true, data: await handler(ctx, parseInput(schema, input)) };
      } catch (error) {
        return { ok: false, error: failed(toFailure(error, requestId)) };
      }
    });
}

/** Gives the request its id, by which people, the log and the trace name it. */
function tracedRequest<T>(
  name: "read" | "action",
  work: (requestId: string, failed: (failure: Failure) => Failure) => Promise<T>,
): Promise<T> {
  const requestId = randomUUID();
  return traced({ name, kind: "internal", attributes: { "request.id": requestId } }, (add) =>
    work(requestId, (failure) => {
      add({ "error.type": failure.code });
      return failure;
    }),
  );
}

/** Who calls, and whether they may: an action is a public endpoint, so nothing is looked at before this. */
async function enter(access: Access, token: unknown, requestId: string): Promise<UserContext> {
  const config = productConfig();
  const user = await authenticate(config, token);
  requireRole(access, user);
  // authenticate() has seen that it is a text.
  return contextFor(user, asUser(config, String(token)), requestId);
}

function requireRole({ roles }: Access, user: User): void {
  if (!roles || roles.some((role) => user.roles.includes(role))) return;
  throw new AppError("forbidden", "Your account does not have the role that this needs.", {
    fix: `Ask an administrator of this product for one of: ${roles.join(", ")}.`,
  });
}

function bearerOf(request: Request): string | undefined {
  return /^Bearer ([A-Za-z0-9._~+/=-]+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
}

function queryOf(request: Request): Record<string, string | string[]> {
  const query = new URL(request.url).searchParams;
  return Object.fromEntries(
    [...new Set(query.keys())].map((name) => {
      const [first = "", ...more] = query.getAll(name);
      return [name, more.length > 0 ? [first, ...more] : first];
    }),
  );
}

/** Where a text holds the character with the number 0, which nobody types and PostgreSQL takes in no text. */
function placeOfNul(value: unknown): string[] | undefined {
  if (typeof value === "string") return value.includes("\0") ? [] : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  for (const [name, one] of Object.entries(value)) {
    const inner = placeOfNul(one);
    if (inner) return [name, ...inner];
  }
  return undefined;
}

function parseInput<I>(schema: z.ZodType<I>, input: unknown): I {
  const parsed = schema.safeParse(input);
  if (parsed.success) {
    const place = placeOfNul(parsed.data)?.join(".");
    if (place === undefined) return parsed.data;
    throw new AppError("invalid", `${place}: holds a character that no text may hold`, { field: place });
  }
  const issue = parsed.error.issues[0];
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const field = [...(issue?.path ?? []), ...(unknown === undefined ? [] : [unknown])].join(".");
  const message = unknown === undefined ? (issue?.message ?? "is not understood") : "is not known here";
  throw new AppError("invalid", field ? `${field}: ${message}` : message, field ? { field } : {});
}

/** What the caller may know. Anything unexpected is one sentence; the rest is in the log under the request id. */
function toFailure(error: unknown, requestId: string): Failure {
  const lines = log.child({ requestId });
  if (error instanceof AppError) {
    if (error.cause !== undefined) lines.warn({ err: error }, "refused");
    return { ...error.failure, requestId };
  }
  lines.error({ err: error }, "failed");
  return {
    code: "unavailable",
    message: "Something failed on the server.",
    fix: "Try again; if it stays, give an administrator the request id.",
    requestId,
  };
}

function challengeOf({ code, claims, retryAfterSeconds }: Failure): Record<string, string> {
  if (code === "step_up") {
    const encoded = Buffer.from(claims ?? "", "utf8").toString("base64");
    return { "www-authenticate": `Bearer error="insufficient_claims", claims="${encoded}"` };
  }
  if (code === "signed_out") return { "www-authenticate": "Bearer" };
  return retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
}

function answer(status: number, body: unknown, requestId: string, headers: Record<string, string> = {}): Response {
  return Response.json(body, {
    status,
    headers: { "cache-control": "no-store", "x-request-id": requestId, ...headers },
  });
}
