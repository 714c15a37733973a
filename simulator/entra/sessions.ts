import { createHash, randomUUID } from "node:crypto";
import type { Context } from "../context";
import type { SimRequest } from "../http";
import type { RefreshToken, Session } from "../model";
import { randomSecret } from "./runtime";

const HOUR = 3_600_000;
const SESSION_LIFE = 24 * HOUR;
/** Documented by Entra: 24 hours for a browser application and not extended by use, else 90 days. */
const SPA_REFRESH_LIFE = 24 * HOUR;
const REFRESH_LIFE = 90 * 24 * HOUR;

// Cookies are shared by every port of localhost, so the name must meet no one else's.
const COOKIE = "simulated-entra-session";

/** The session that the browser's cookie names, if it is still good. */
export function currentSession(context: Context, request: SimRequest): Session | undefined {
  const secret = cookieValue(request);
  const session = secret ? context.model.sessions.get(digest(secret)) : undefined;
  if (!session || session.expiresAt <= context.now()) return undefined;
  return context.model.principals.get(session.oid) ? session : undefined;
}

/** Starts a session; the journal holds only a digest of the cookie. */
export function startSession(
  context: Context,
  oid: string,
  acrs: string[],
): { session: Session; headers: Record<string, string> } {
  const { model, identity } = context;
  const now = context.now();
  for (const [key, old] of model.sessions.entries()) if (old.expiresAt <= now) model.sessions.delete(key);
  const secret = randomSecret();
  const session: Session = { sid: randomUUID(), oid, expiresAt: now + SESSION_LIFE, ...(acrs.length > 0 && { acrs }) };
  model.sessions.put(digest(secret), session);
  const cookie = `${COOKIE}=${secret}; HttpOnly; SameSite=Lax; Path=/${identity.tenantId}`;
  return { session, headers: { "set-cookie": cookie } };
}

/** Ends the browser's session and the refresh tokens that it gave out. */
export function endSession(context: Context, request: SimRequest): Record<string, string> {
  const { model, identity } = context;
  const secret = cookieValue(request);
  const session = secret ? model.sessions.get(digest(secret)) : undefined;
  if (secret && session) {
    model.sessions.delete(digest(secret));
    for (const [key, token] of model.refreshTokens.entries()) {
      if (token.sid === session.sid) model.refreshTokens.delete(key);
    }
  }
  return { "set-cookie": `${COOKIE}=; HttpOnly; SameSite=Lax; Path=/${identity.tenantId}; Max-Age=0` };
}

/**
 * Gives out a refresh token. A browser application's token takes the expiry of the one it replaces, so that renewing
 * never extends a sign-in beyond 24 hours.
 */
export function issueRefreshToken(
  context: Context,
  grant: Omit<RefreshToken, "expiresAt">,
  previousExpiry?: number,
): { token: string; expiresAt: number } {
  const { refreshTokens } = context.model;
  const now = context.now();
  for (const [key, old] of refreshTokens.entries()) if (old.expiresAt <= now) refreshTokens.delete(key);
  const token = randomSecret();
  const expiresAt = grant.spa ? (previousExpiry ?? now + SPA_REFRESH_LIFE) : now + REFRESH_LIFE;
  refreshTokens.put(digest(token), { ...grant, expiresAt });
  return { token, expiresAt };
}

export function findRefreshToken(context: Context, token: string): RefreshToken | undefined {
  return context.model.refreshTokens.get(digest(token));
}

function cookieValue(request: SimRequest): string | undefined {
  for (const part of (request.headers.cookie ?? "").split(";")) {
    const [name, value] = part.trim().split("=", 2);
    if (name === COOKIE && value) return value;
  }
  return undefined;
}

function digest(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
