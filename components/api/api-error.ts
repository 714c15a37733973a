import { z } from "zod";
import type { Failure } from "@/lib/errors.pure";

const FailureSchema = z.object({
  code: z.enum(["invalid", "signed_out", "step_up", "forbidden", "not_found", "conflict", "throttled", "unavailable"]),
  message: z.string(),
  fix: z.exactOptional(z.string()),
  field: z.exactOptional(z.string()),
  claims: z.exactOptional(z.string()),
  retryAfterSeconds: z.exactOptional(z.number()),
  requestId: z.exactOptional(z.string()),
}) satisfies z.ZodType<Failure>;

const FailureAnswer = z.object({ error: FailureSchema });

/** A failure that the page shows: what happened and what to do, as the server or the browser found it. */
export class ApiError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, cause?: unknown) {
    super(failure.message, { cause });
    this.name = "ApiError";
    this.failure = failure;
  }
}

/** The failure inside `body`, or undefined when the answer is not one of this product's own. */
export function failureIn(body: unknown): Failure | undefined {
  const answer = FailureAnswer.safeParse(body);
  return answer.success ? answer.data.error : undefined;
}

/** Any thrown thing as a failure that can be shown; what nobody foresaw becomes one calm sentence. */
export function toFailure(error: unknown): Failure {
  if (error instanceof ApiError) return error.failure;
  return {
    code: "unavailable",
    message: "Something went wrong in this page.",
    fix: "Reload the page. If it happens again, tell the person who runs this product.",
  };
}
