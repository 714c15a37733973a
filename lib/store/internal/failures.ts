import "server-only";
import { AppError } from "../../errors";

const DISK_FULL = new Set(["53100", "ENOSPC", "EDQUOT"]);
/** Connection exceptions (class 08), server going down or starting (57P0x), too many connections, and the sockets' own. */
const LOST =
  /^(08...|57P0[1-4]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
const LOST_WORDS = /connection terminated|connection ended|timeout exceeded when trying to connect|not queryable/i;
const FULL_WORDS = /no space left on device|disk quota exceeded/i;

/** Thrown when the thread of the embedded store ended; the next call starts it again. */
export class StoreThreadEnded extends Error {}

/**
 * What a failing store means to a person: a full disk or a lost database is `unavailable` with what to do.
 * Any other error (a constraint, a fault of ours) comes back as it is, with PostgreSQL's `code` on it.
 */
export function storeFailure(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof AppError) return error;
  const code = codeOf(error);
  if (DISK_FULL.has(code) || FULL_WORDS.test(error.message)) {
    return new AppError(
      "unavailable",
      "The disk that holds the product's data is full, so nothing can be recorded.",
      { fix: "Free some space in the folder that DATA_DIR names (or on the database server), then try again." },
      error,
    );
  }
  if (error instanceof StoreThreadEnded) {
    return new AppError(
      "unavailable",
      "The embedded database stopped and is being started again.",
      { fix: "Try again in a few seconds. If it stays so, look for a full disk and restart the product." },
      error,
    );
  }
  if (LOST.test(code) || LOST_WORDS.test(error.message)) {
    return new AppError(
      "unavailable",
      "The database does not answer.",
      { fix: "Check that the server in DATABASE_URL runs and can be reached; the product goes on by itself then." },
      error,
    );
  }
  return error;
}

/** PostgreSQL's five-letter code or the system's name of an error; empty when it has none. */
export function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}
