import { inspect } from "node:util";
import { createHttpHeaders, createPipelineRequest, RestError } from "@azure/core-rest-pipeline";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { AppError } from "@/lib/errors";
import { azureErrorOf } from "./azure-error";
import { isAmbiguous, passesByItself, toAppError } from "./parse-error";

const NAME = "payroll-db-connection";
const TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJvaWQiOiIxIn0.c2lnbmF0dXJl";

function answered(status: number, body: unknown, headers: Record<string, string> = {}): RestError {
  const request = createPipelineRequest({ url: `https://kv.vault.azure.net/secrets/${NAME}` });
  request.headers.set("authorization", `Bearer ${TOKEN}`);
  const bodyAsText = typeof body === "string" ? body : JSON.stringify(body);
  const response = { request, status, headers: createHttpHeaders(headers), bodyAsText };
  return new RestError(`failed: ${bodyAsText}`, { statusCode: status, request, response });
}

const keyVault = (status: number, code: string, inner?: string) =>
  answered(status, {
    error: {
      code,
      message: `Operation on secret ${NAME} by caller appid=1;oid=2 failed. Token ${TOKEN}`,
      ...(inner && { innererror: { code: inner } }),
    },
  });

/** What the clients throw when a good answer is no JSON. */
function cut(bodyAsText: string): RestError {
  const request = createPipelineRequest({ url: `https://kv.vault.azure.net/secrets/${NAME}` });
  const response = { request, status: 200, headers: createHttpHeaders(), bodyAsText };
  return new RestError(`Error parsing ${bodyAsText}`, {
    code: RestError.PARSE_ERROR,
    statusCode: 200,
    request,
    response,
  });
}

const offline = (code: string) => new RestError(`connect ${code} https://kv.vault.azure.net/secrets/${NAME}`, { code });

const authorizationFailed = {
  code: "AuthorizationFailed",
  message: `The client 'kim' with object id '1' does not have authorization to perform action 'Microsoft.KeyVault/vaults/secrets/write' over scope '/vaults/kv/secrets/${NAME}'`,
};

describe("each shape becomes a sentence with what to do", () => {
  test.each([
    ["firewall", keyVault(403, "Forbidden", "ForbiddenByFirewall"), "forbidden", /firewall/],
    ["private endpoint only", keyVault(403, "Forbidden", "ForbiddenByConnection"), "forbidden", /private endpoint/],
    ["no data role", keyVault(403, "Forbidden", "ForbiddenByRbac"), "forbidden", /contents/],
    ["no access policy", keyVault(403, "Forbidden", "AccessDenied"), "forbidden", /contents/],
    ["soft-deleted name", keyVault(409, "Conflict", "ObjectIsDeletedButRecoverable"), "conflict", /recovered/],
    ["unknown secret", keyVault(404, "SecretNotFound"), "not_found", /SecretNotFound/],
    [
      "unknown diagnostic setting, without error around",
      answered(404, { code: "ResourceNotFound", message: `The diagnostic setting '${NAME}' doesn't exist.` }),
      "not_found",
      /ResourceNotFound/,
    ],
    ["missing ARM right", answered(403, { error: authorizationFailed }), "forbidden", /vaults\/secrets\/write/],
    ["denied by policy", answered(403, { error: { code: "RequestDisallowedByPolicy" } }), "forbidden", /Azure Policy/],
    ["locked", answered(409, { error: { code: "ScopeLocked" } }), "conflict", /lock/],
    [
      "a workspace without Sentinel",
      answered(400, {
        error: { code: "BadRequest", message: `Workspace '${NAME}' is not onboarded to Microsoft Sentinel.` },
      }),
      "conflict",
      /Sentinel is not on/,
    ],
    [
      "no room for a role",
      answered(400, { error: { code: "RoleAssignmentLimitExceeded", message: NAME } }),
      "conflict",
      /as many role assignments as Azure allows/,
    ],
    ["throttled", answered(429, ""), "throttled", /slow down/],
    ["server error in HTML", answered(502, "<html><body>Bad gateway</body></html>"), "unavailable", /error of its own/],
    ["query timeout", answered(504, { error: { code: "GatewayTimeout" } }), "unavailable", /too long/],
    [
      "bad query",
      answered(400, { error: { code: "BadArgumentError", innererror: { code: "SyntaxError" } } }),
      "unavailable",
      /SyntaxError/,
    ],
    ["refused token", answered(401, { error: { code: "InvalidAuthenticationToken" } }), "unavailable", /token/],
    ["an answer cut on its way", cut(`{"value":[{"id":"${NAME}`), "unavailable", /cut off/],
    ["no such host", offline("ENOTFOUND"), "unavailable", /does not resolve/],
    ["connection refused", offline("ECONNREFUSED"), "unavailable", /no answer.*ECONNREFUSED/],
    ["something else", new Error(`about ${NAME}`), "unavailable", /Could not read the vault\.$/],
  ])("%s", (_, error, code, message) => {
    const { failure, cause } = toAppError(error, "read the vault");
    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(message);
    expect(failure.message).toMatch(/^Could not read the vault/);
    expect(failure.fix).toMatch(/^[A-Z].*\.$/);
    // Also what a job engine or a framework would store or print of it.
    expect(inspect(cause, { depth: 10, showHidden: true })).not.toContain(TOKEN);
    expect(JSON.stringify(failure)).not.toContain(NAME);
    expect(JSON.stringify(failure)).not.toContain(TOKEN);
  });

  test.each([
    ["Azure that fails", answered(503, ""), true],
    ["Azure that asks to wait", answered(429, ""), true],
    ["no answer", offline("ECONNREFUSED"), true],
    ["two changes in the same moment", answered(409, { error: { code: "Conflict" } }), true],
    ["a change since it was read", answered(412, { error: { code: "PreconditionFailed" } }), true],
    ["a name that is being deleted", keyVault(409, "Conflict", "ObjectIsBeingDeleted"), true],
    ["no room for a role", answered(400, { error: { code: "RoleAssignmentLimitExceeded" } }), true],
    ["a deleted name", keyVault(409, "Conflict", "ObjectIsDeletedButRecoverable"), false],
    ["a lock", answered(409, { error: { code: "ScopeLocked" } }), false],
    ["a disabled subscription", answered(409, { error: { code: "ReadOnlyDisabledSubscription" } }), false],
    ["a workspace without Sentinel", answered(400, { error: { code: "B", message: "It is not onboarded." } }), false],
    ["a missing right", answered(403, { error: authorizationFailed }), false],
    ["our own refusal", new AppError("conflict", "No role for removing is configured."), false],
  ])("whether it passes by itself: %s", (_, error, passes) => {
    expect(passesByItself(toAppError(error, "read the vault"))).toBe(passes);
  });

  test("an answer of unknown form says so, and its content stays out", () => {
    const error = z.object({ id: z.string() }).safeParse({ id: 1, [NAME]: TOKEN }).error;
    const { failure } = toAppError(error, "list the rules");
    expect(failure.message).toMatch(/form/);
    expect(JSON.stringify(failure)).not.toContain(NAME);
  });

  test("our own errors pass through, also from inside the pipeline", () => {
    const ours = new AppError("step_up", "Confirm your sign-in.", { claims: "{}" });
    expect(toAppError(ours, "x")).toBe(ours);
    expect(toAppError(new Error("wrapped", { cause: ours }), "x")).toBe(ours);
  });

  test("a challenge for more claims becomes a step-up that carries them", () => {
    const claims = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}';
    const header = `Bearer error="insufficient_claims", claims="${Buffer.from(claims).toString("base64")}"`;
    const { failure } = toAppError(answered(401, {}, { "www-authenticate": header }), "x");
    expect(failure).toMatchObject({ code: "step_up", claims });
  });
});

describe("codes are found wherever Azure hides them", () => {
  const inner = { error: { code: "Outer", innererror: { code: "Wanted" } } };
  test.each([
    ["plain", inner],
    ["JSON in the message", { error: { code: "Outer", message: JSON.stringify(inner) } }],
    ["encoded twice", JSON.stringify(JSON.stringify(inner))],
    ["error as text", { error: JSON.stringify(inner.error) }],
    ["in details", { error: { code: "Outer", details: [{ code: "Wanted", message: "x" }] } }],
    ["code and message at the top", { code: "Wanted", message: "The diagnostic setting 'a' doesn't exist." }],
    ["odata", { "odata.error": { code: "Wanted" } }],
    ["upper-case keys", { Error: { Code: "Wanted" } }],
    ["XML", "<?xml version='1.0'?><Error><Code>Wanted</Code><Message>m</Message></Error>"],
  ])("%s", (_, body) => {
    expect(azureErrorOf(answered(400, body))?.codes).toContain("Wanted");
  });

  test("free text is never taken for a code", () => {
    const error = answered(400, { error: { code: `secret ${NAME}`, message: "m" } });
    expect(azureErrorOf(error)?.codes).toEqual([]);
  });

  test("an AppError still tells the codes of what it was made from", () => {
    expect(azureErrorOf(toAppError(keyVault(403, "Forbidden", "ForbiddenByRbac"), "x"))?.codes).toContain(
      "ForbiddenByRbac",
    );
  });

  test("deep nesting ends", () => {
    let body: unknown = { code: "Deep" };
    for (let i = 0; i < 1000; i++) body = { error: body };
    expect(azureErrorOf(answered(400, body))?.status).toBe(400);
  });
});

describe("how long to wait", () => {
  test.each([
    [{ "retry-after": "17" }, 17],
    [{ "retry-after-ms": "1500" }, 2],
    [{ "x-ms-retry-after-ms": "200" }, 1],
    [{ "x-ms-user-quota-resets-after": "00:01:05" }, 65],
    [{}, 10],
  ])("%j is %d seconds", (headers, seconds) => {
    expect(toAppError(answered(429, {}, headers), "x").failure.retryAfterSeconds).toBe(seconds);
  });

  test("a date is counted from now", () => {
    const date = new Date(Date.now() + 30_000).toUTCString();
    const seconds = toAppError(answered(429, {}, { "retry-after": date }), "x").failure.retryAfterSeconds;
    expect(seconds).toBeGreaterThan(25);
    expect(seconds).toBeLessThanOrEqual(31);
  });
});

describe("whether a write may have happened", () => {
  test.each([
    [offline("ECONNRESET"), true],
    [answered(500, {}), true],
    [answered(408, {}), true],
    [new TypeError("unreadable answer"), true],
    [answered(403, {}), false],
    [answered(409, {}), false],
    [answered(429, {}), false],
  ])("%s", (error, ambiguous) => {
    expect(isAmbiguous(error)).toBe(ambiguous);
    expect(isAmbiguous(toAppError(error, "x"))).toBe(ambiguous);
  });

  test("what we refused ourselves was never sent", () => {
    expect(isAmbiguous(new AppError("unavailable", "stopped"))).toBe(false);
  });
});
