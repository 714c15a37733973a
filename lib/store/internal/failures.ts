import "server-only";
import { AppError } from "../../errors";

const DISK_FULL = new Set(["53100", "ENOSPC", "EDQUOT"]);
/**
 * Connection exceptions (class 08), server going down or starting (57P0x), a transaction that was left alone too long
 * (25P03), too many connections, and the sockets' own.
 */
const LOST =
  /^(08...|57P0[1-4]|25P03|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
const LOST_WORDS = /connection terminated|connection ended|timeout exceeded when trying to connect|not queryable/i;
/** The server answers, and lets us not in: what it has against us (PostgreSQL's error codes, appendix A) and what to do. */
const TURNED_AWAY: Readonly<Record<string, { message: string; fix: string }>> = {
  "3D000": {
    message: "The database that DATABASE_URL names is not there.",
    fix: "Create it on the server, or correct the name at the end of DATABASE_URL.",
  },
  "28000": {
    message: "The database server does not let this user in.",
    fix: "Check the user in DATABASE_URL, and that the server's pg_hba.conf admits it from this host.",
  },
  "28P01": {
    message: "The database server does not accept this password.",
    fix: "Check the user and the password in DATABASE_URL (or PGPASSWORD); with DATABASE_IDENTITY_CLIENT_ID, that this user is the role of that managed identity.",
  },
  "25006": {
    message: "The database takes no changes: it is a standby, or set to read only.",
    fix: "Name the primary server in DATABASE_URL.",
  },
};
const FULL_WORDS = /no space left on device|disk quota exceeded/i;

/** Thrown when the thread of the embedded store ended; the next call starts it again. */
export class StoreThreadEnded extends Error {}

/**
 * What a failing store means to a person: a full disk, a lost database or one that lets us not in is
 * `unavailable` with what to do.
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
  const turnedAway = TURNED_AWAY[code];
  if (turnedAway) return new AppError("unavailable", turnedAway.message, { fix: turnedAway.fix }, error);
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
