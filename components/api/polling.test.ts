import { expect, test } from "vitest";
import type { ErrorCode } from "@/lib/errors.pure";
import { ApiError } from "./api-error";
import { every } from "./polling";

const afterError = (error: Error | null) => every(15_000)({ state: { data: undefined, error } });
const after = (code: ErrorCode) => afterError(new ApiError({ code, message: "No." }));

test.each(["invalid", "forbidden", "not_found"] as const)("what was answered by %s is not asked for again", (code) => {
  expect(after(code)).toBe(false);
});

test.each(["unavailable", "throttled", "signed_out", "conflict"] as const)(
  "%s may pass, so it is asked again",
  (code) => {
    expect(after(code)).toBe(15_000);
  },
);

test("what nobody foresaw is asked again", () => {
  expect(afterError(new Error("?"))).toBe(15_000);
  expect(afterError(null)).toBe(15_000);
});
