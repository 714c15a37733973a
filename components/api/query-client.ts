import type { QueryClientConfig } from "@tanstack/react-query";
import { ApiError } from "./api-error";

const RETRIES = 2;

/** A wait may cure it; everything else would only be answered the same way again. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof ApiError) || error.failure.code === "unavailable" || error.failure.code === "throttled";
}

function waitMs(attempt: number, error: unknown): number {
  const asked = error instanceof ApiError ? error.failure.retryAfterSeconds : undefined;
  return asked !== undefined ? asked * 1000 : 1000 * 2 ** attempt;
}

export const queryClientOptions: QueryClientConfig = {
  defaultOptions: {
    queries: {
      retry: (failures, error) => failures < RETRIES && mayPass(error),
      retryDelay: waitMs,
      staleTime: 1_000,
    },
  },
};
