import "server-only";
import type { Config } from "./config";

/** What proxy.ts does with a request, decided by the Host that it was sent to and its path. */
export type Entrance =
  | { kind: "page" }
  /** The simulated sign-in: forwarded to this fixed address. */
  | { kind: "forward"; to: URL }
  /** Another name than ours: a page that no script can come from. */
  | { kind: "misdirected"; html: string };

/** The redirect page of MSAL, the only page that may stand in a frame: its own hidden one. */
const BRIDGE = "/auth/redirect";

const PROBES: ReadonlySet<string> = new Set(["/api/health", "/api/ready"]);

/**
 * Who a request is for. In the simulated tenant, which has no passwords, only the product's own name is answered: a
 * foreign name that resolves to this machine (DNS rebinding) gets nothing. In a real tenant the ingress decides that.
 */
export function entranceOf(
  config: Pick<Config, "simulatorUrl" | "tenantId" | "origin">,
  request: { host: string | null; pathname: string; search: string },
): Entrance {
  const { simulatorUrl, tenantId, origin } = config;
  if (!simulatorUrl) return { kind: "page" };
  // Whoever watches a container asks by its number; these two tell nothing about anybody.
  if (PROBES.has(request.pathname)) return { kind: "page" };
  const ours = new URL(origin);
  const host = request.host?.toLowerCase();
  if (host !== ours.host) {
    const numeric = [ours.host.replace("localhost", "127.0.0.1"), ours.host.replace("localhost", "[::1]")];
    return { kind: "misdirected", html: misdirectedPage(origin, host !== undefined && numeric.includes(host)) };
  }
  // Only path and query are the caller's, so the target's host cannot change; dots are resolved before the check.
  const to = new URL(simulatorUrl);
  to.pathname = request.pathname;
  to.search = request.search;
  return to.pathname.toLowerCase().startsWith(`/${tenantId}/`) ? { kind: "forward", to } : { kind: "page" };
}

function misdirectedPage(origin: string, sendOn: boolean): string {
  const refresh = sendOn ? `<meta http-equiv="refresh" content="0;url=${origin}/">` : "";
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Another address</title>${refresh}</head><body><p>This product answers at <a href="${origin}/">${origin}</a> only.</p></body></html>`;
}

/** Headers of the 421 page: it loads and runs nothing. */
export const MISDIRECTED_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
  "cache-control": "no-store",
};

/**
 * The content security policy of a page: scripts and styles by nonce, connections to ourselves and to the sign-in
 * service, no frame around it but the sign-in's own. `next dev` evaluates code and writes styles inline.
 */
export function contentSecurityPolicy(
  config: Pick<Config, "simulatorUrl" | "cloud">,
  page: { nonce: string; pathname: string; development: boolean },
): string {
  const { nonce, pathname, development } = page;
  // The simulated sign-in stands on our own origin.
  const signIn = config.simulatorUrl ? "" : ` ${config.cloud.authority}`;
  return [
    "default-src 'self'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ""}`,
    development ? "style-src 'self' 'unsafe-inline'" : `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${signIn}`,
    `frame-src 'self'${signIn}`,
    `form-action 'self'${signIn}`,
    `frame-ancestors ${pathname === BRIDGE ? "'self'" : "'none'"}`,
    "object-src 'none'",
    "base-uri 'none'",
  ].join("; ");
}

/** The other protective headers of a page. */
export function securityHeaders(config: Pick<Config, "origin">, pathname: string): Record<string, string> {
  const bridge = pathname === BRIDGE;
  return {
    "x-content-type-options": "nosniff",
    "x-frame-options": bridge ? "SAMEORIGIN" : "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-resource-policy": "same-origin",
    // The bridge answers the window that opened it, which this header would cut off.
    ...(!bridge && { "cross-origin-opener-policy": "same-origin" }),
    ...(config.origin.startsWith("https:") && { "strict-transport-security": "max-age=31536000" }),
  };
}
