import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { stubApi, TOKEN } from "@/components/testing/render";
import { ApiError } from "./api-error";
import { getJson } from "./get-json";

const Thing = z.object({ size: z.number() });
const read = () =>
  getJson(
    "/api/thing",
    (body) => Thing.parse(body),
    async () => TOKEN,
  );

async function failureOf(promise: Promise<unknown>) {
  const error = await promise.catch((thrown: unknown) => thrown);
  if (!(error instanceof ApiError)) throw new Error("It did not fail as an ApiError.");
  return error.failure;
}

describe("reading from the product's own server", () => {
  test("sends the caller's token in the header and nowhere else", async () => {
    const fetch = stubApi(() => ({ body: { size: 3 } }));
    await expect(read()).resolves.toEqual({ size: 3 });
    expect(fetch).toHaveBeenCalledWith(
      "/api/thing",
      expect.objectContaining({ headers: expect.objectContaining({ authorization: `Bearer ${TOKEN}` }) }),
    );
  });

  test("hands on the server's own failure with everything that helps", async () => {
    const error = { code: "throttled", message: "Azure asks to wait.", retryAfterSeconds: 7, requestId: "r-1" };
    stubApi(() => ({ status: 429, body: { error } }));
    expect(await failureOf(read())).toEqual(error);
  });

  test("says so in a sentence when something else answered", async () => {
    vi.stubGlobal("fetch", async () => new Response("<html>Bad gateway</html>", { status: 502 }));
    expect(await failureOf(read())).toMatchObject({ code: "unavailable", message: expect.stringContaining("502") });
  });

  test("says that nobody answered when the server is down", async () => {
    vi.stubGlobal("fetch", async () => {
      throw new TypeError("Failed to fetch");
    });
    expect(await failureOf(read())).toMatchObject({ code: "unavailable", fix: expect.any(String) });
  });

  test("never shows data of a shape that it does not know", async () => {
    stubApi(() => ({ body: { size: "large" } }));
    expect(await failureOf(read())).toMatchObject({ code: "unavailable", fix: "Reload the page." });
  });

  test("asks for nothing when the session has ended", async () => {
    const fetch = stubApi(() => ({ body: {} }));
    const ended = new ApiError({ code: "signed_out", message: "Your session has ended." });
    const attempt = getJson(
      "/api/thing",
      (body) => body,
      () => Promise.reject(ended),
    );
    expect(await failureOf(attempt)).toMatchObject({ code: "signed_out" });
    expect(fetch).not.toHaveBeenCalled();
  });
});
