import "server-only";
import { AppError } from "@/lib/errors";

/** Turns whatever an Azure client threw while `doing` ("read the vault") into a sentence with what to do. */
export function toAppError(error: unknown, doing: string): AppError {
  return error instanceof AppError ? error : new AppError("unavailable", `Could not ${doing}.`, {}, error);
}
