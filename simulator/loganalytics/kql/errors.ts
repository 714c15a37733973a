/** Every way in which a query can fail. A code `KS...` is the parser's own diagnostic. */
export type KqlErrorCode =
  | `KS${string}`
  | "NotSupported"
  | "QueryTooComplex"
  | "EvaluationFailed"
  | "RowLimitExceeded"
  | "TimeLimitExceeded"
  | "MemoryLimitExceeded"
  | "ParserFailed";

/** A query that was refused or that failed. `position` counts characters from the start of the text, 0-based. */
export class KqlError extends Error {
  override readonly name = "KqlError";

  constructor(
    readonly code: KqlErrorCode,
    message: string,
    readonly position?: number,
  ) {
    super(message);
  }
}
