import { type NextRequest, NextResponse } from "next/server";
import { isDevelopment, loadConfig } from "@/lib/config";
import { contentSecurityPolicy, entranceOf, MISDIRECTED_HEADERS, securityHeaders } from "@/lib/front-door";

let settings: ReturnType<typeof loadConfig> | undefined;

/** Sets headers and forwards the simulated sign-in. It protects nothing: every route and action checks for itself. */
export function proxy(request: NextRequest): NextResponse {
  settings ??= loadConfig();
  const { pathname, search } = request.nextUrl;
  const entrance = entranceOf(settings, { host: request.headers.get("host"), pathname, search });
  if (entrance.kind === "misdirected") {
    return new NextResponse(entrance.html, { status: 421, headers: MISDIRECTED_HEADERS });
  }
  if (entrance.kind === "forward") return NextResponse.rewrite(entrance.to);

  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64");
  const policy = contentSecurityPolicy(settings, { nonce, pathname, development: isDevelopment() });
  const headers = new Headers(request.headers);
  // Next finds the nonce for its own scripts in the policy of the request.
  headers.set("content-security-policy", policy);
  headers.set("x-nonce", nonce);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  for (const [name, value] of Object.entries(securityHeaders(settings, pathname))) response.headers.set(name, value);
  return response;
}

// Built files are the same for everyone and need no nonce.
export const config = { matcher: ["/((?!_next/static/).*)"] };
