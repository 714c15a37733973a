import { describe, expect, test } from "vitest";
import { testConfig } from "@/scripts/test/config";
import { contentSecurityPolicy, entranceOf, MISDIRECTED_HEADERS, securityHeaders } from "./front-door";

const simulated = testConfig({ mode: "simulated" });
const real = testConfig({ mode: "real", origin: "https://honeytokens.contoso.test" });
const at = (host: string | null, pathname = "/vaults", search = "") => ({ host, pathname, search });

describe("in the simulated tenant", () => {
  test("only the product's own name is answered", () => {
    expect(entranceOf(simulated, at("localhost:3000")).kind).toBe("page");
    for (const host of [
      "evil.example",
      "evil.example:3000",
      "localhost:3001",
      "localhost",
      "192.168.1.5:3000",
      "",
      null,
    ]) {
      expect(entranceOf(simulated, at(host)).kind, String(host)).toBe("misdirected");
    }
  });

  test("whether it lives is told whatever name it is asked by, and nothing else is", () => {
    expect(entranceOf(simulated, at("10.0.0.7:3000", "/api/ready")).kind).toBe("page");
    expect(entranceOf(simulated, at("10.0.0.7:3000", "/api/ready/x")).kind).toBe("misdirected");
    expect(entranceOf(simulated, at("10.0.0.7:3000", "/api/vaults")).kind).toBe("misdirected");
  });

  test("the numeric name of this machine is sent on, a foreign one is not", () => {
    const html = (host: string) => {
      const entrance = entranceOf(simulated, at(host));
      return entrance.kind === "misdirected" ? entrance.html : "";
    };
    expect(html("127.0.0.1:3000")).toContain('content="0;url=http://localhost:3000/"');
    expect(html("[::1]:3000")).toContain("refresh");
    expect(html("evil.example:3000")).not.toContain("refresh");
    expect(html("<script>alert(1)</script>")).not.toContain("<script>");
    expect(MISDIRECTED_HEADERS["content-security-policy"]).toContain("default-src 'none'");
  });

  test("the tenant's own paths go to the simulator, with their query", () => {
    const path = `/${simulated.tenantId}/oauth2/v2.0/authorize`;
    const entrance = entranceOf(simulated, at("localhost:3000", path, "?client_id=1&state=a%2Fb"));
    expect(entrance).toMatchObject({ kind: "forward" });
    expect(entrance.kind === "forward" && entrance.to.href).toBe(
      `http://127.0.0.1:4280${path}?client_id=1&state=a%2Fb`,
    );
  });

  test.each([
    "/sim/tenant",
    "//127.0.0.1:9/x",
    "/msi/token",
    "/22222222-2222-4222-8222-222222222222/oauth2/v2.0/token",
  ])("%s is never forwarded", (path) => {
    expect(entranceOf(simulated, at("localhost:3000", path)).kind).toBe("page");
  });

  test.each([
    "/../../sim/tenant",
    "//evil.example/",
    "/@evil.example/",
    "/%2e%2e/%2e%2e/sim/tenant",
    "/\\evil.example",
  ])("nothing after the tenant id changes the target: %s", (rest) => {
    const entrance = entranceOf(simulated, at("localhost:3000", `/${simulated.tenantId}${rest}`));
    if (entrance.kind !== "forward") return;
    expect(entrance.to.host).toBe("127.0.0.1:4280");
    expect(entrance.to.pathname.startsWith("/sim")).toBe(false);
  });
});

test("in a real tenant nothing is forwarded, and the ingress answers for the name", () => {
  expect(entranceOf(real, at("10.0.0.4:8080", `/${real.tenantId}/oauth2/v2.0/authorize`)).kind).toBe("page");
});

describe("the content security policy", () => {
  const page = { nonce: "abc", pathname: "/vaults", development: false };

  test("allows scripts and styles by nonce only, and nothing foreign in the simulated tenant", () => {
    const policy = contentSecurityPolicy(simulated, page);
    expect(policy).toContain("script-src 'nonce-abc' 'strict-dynamic';");
    expect(policy).toContain("style-src 'self' 'nonce-abc';");
    expect(policy).not.toMatch(/unsafe|https?:/);
  });

  test("lets a real tenant's browser reach its sign-in service", () => {
    expect(contentSecurityPolicy(real, page)).toContain("connect-src 'self' https://login.microsoftonline.com;");
  });

  test("lets the sign-in's own page, and no other, stand in our own frame", () => {
    const ancestors = (pathname: string) => contentSecurityPolicy(simulated, { ...page, pathname });
    expect(ancestors("/auth/redirect")).toContain("frame-ancestors 'self'");
    for (const path of ["/", "/auth/redirect/", "/auth/redirect2", "/vaults"]) {
      expect(ancestors(path)).toContain("frame-ancestors 'none'");
    }
  });

  test("is looser under next dev only", () => {
    expect(contentSecurityPolicy(simulated, { ...page, development: true })).toContain("'unsafe-eval'");
  });
});

test("the opener is cut off everywhere but on the sign-in's own page; https stays https", () => {
  expect(securityHeaders(real, "/vaults")).toMatchObject({
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
    "strict-transport-security": expect.stringContaining("max-age"),
  });
  expect(securityHeaders(simulated, "/auth/redirect")).not.toHaveProperty("cross-origin-opener-policy");
  expect(securityHeaders(simulated, "/vaults")).not.toHaveProperty("strict-transport-security");
});
