/** What went wrong, in the terms that a page or a caller can act on. */
export type ErrorCode =
  | "invalid" // the input; `field` names it
  | "signed_out" // no token, or an expired one: sign in again
  | "step_up" // Entra wants more from the person; `claims` says what
  | "forbidden" // signed in, but not allowed; the message says whom to ask
  | "not_found" // no such vault, deployment...; or not visible to this person
  | "conflict" // the state of things does not allow it now
  | "throttled" // Azure asked to wait; `retryAfterSeconds`
  | "unavailable"; // a service could not be reached or failed

/** The failure half of every answer of this product; `message` is a sentence for a person, `fix` what to do. */
export interface Failure {
  code: ErrorCode;
  message: string;
  fix?: string;
  field?: string;
  claims?: string;
  retryAfterSeconds?: number;
  requestId?: string;
}

/** What a server action returns. Route handlers send `T` or, with a status, `{ error: Failure }`. */
export type ActionResult<T> = { ok: true; data: T } | { ok: false; error: Failure };
