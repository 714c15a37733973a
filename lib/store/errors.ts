import "server-only";
import { codeOf } from "./internal/failures";

/** True when a unique constraint refused a row: somebody else was first. */
export function isTaken(error: unknown): boolean {
  return codeOf(error) === "23505";
}
