import { type AuthenticationResult, InteractionRequiredAuthError } from "@azure/msal-browser";
import { describe, expect, test } from "vitest";
import { ApiError } from "@/components/api/api-error";
import { silentToken } from "./msal-client";

async function codeOf(error: Error) {
  const thrown = await silentToken((): Promise<AuthenticationResult> => Promise.reject(error)).catch(
    (caught: unknown) => caught,
  );
  return thrown instanceof ApiError ? thrown.failure.code : thrown;
}

const withCode = (errorCode: string) => Object.assign(new Error(errorCode), { errorCode });

describe("a token that cannot be renewed silently", () => {
  test("asks the person to sign in again when Entra wants to see the person", async () => {
    expect(await codeOf(new InteractionRequiredAuthError("login_required", "correlation"))).toBe("signed_out");
  });

  test("asks the person to sign in again when the hidden frame did not come back", async () => {
    expect(await codeOf(withCode("timed_out"))).toBe("signed_out");
  });

  test("says that the sign-in service is away when the network failed", async () => {
    expect(await codeOf(withCode("post_request_failed"))).toBe("unavailable");
  });
});
