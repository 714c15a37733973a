import "server-only";
import type { ErrorCode, Failure } from "./errors.pure";

/** An expected failure: it says what happened, what to do, and nothing that the person may not know. */
export class AppError extends Error {
  readonly failure: Failure;

  constructor(code: ErrorCode, message: string, more: Omit<Failure, "code" | "message"> = {}, cause?: unknown) {
    super(message, { cause });
    this.name = "AppError";
    this.failure = { code, message, ...more };
  }

  /** Recognised by its form: Next's bundles may hold this class more than once, and errors cross between them. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === "AppError" && "failure" in value;
  }
}

const STATUS: Record<ErrorCode, number> = {
  invalid: 400,
  signed_out: 401,
  step_up: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  throttled: 429,
  unavailable: 503,
};

/** The HTTP status that a failure is answered with. */
export function statusOf(code: ErrorCode): number {
  return STATUS[code];
}

/** Whether only the person can do something about a failure, by signing in again: everything that is theirs waits for it. */
export function needsPerson(error: unknown): boolean {
  return error instanceof AppError && (error.failure.code === "signed_out" || error.failure.code === "step_up");
}
