import type { DeploymentState } from "@/lib/deployments/views.pure";
import type { ErrorCode } from "@/lib/errors.pure";
import { ApiError } from "./api-error";

// DESIGN section 5: progress every 2 s, standing data every 15 s; React Query pauses both in hidden tabs.
export const PROGRESS_MS = 2_000;
export const STANDING_MS = 15_000;

const UNDER_WAY: readonly (DeploymentState | string)[] = ["planning", "queued", "running"];

/** Whether the next seconds may change the picture. */
export const underWay = (state: DeploymentState | string): boolean => UNDER_WAY.includes(state);

const FINAL: readonly ErrorCode[] = ["invalid", "forbidden", "not_found"];

/** The question is wrong, is not this person's to ask, or is about nothing that there is: asking it again changes nothing. */
export const isFinal = (error: unknown): boolean => error instanceof ApiError && FINAL.includes(error.failure.code);

/** A `refetchInterval`: after as many milliseconds as what is known asks for, until an answer says that asking again is no use. */
export const paced =
  <T>(msFor: (data: T | undefined) => number | false) =>
  ({ state }: { state: { data: T | undefined; error: unknown } }): number | false =>
    !isFinal(state.error) && msFor(state.data);

/** The same, after the same time each time. */
export const every = (ms: number) => paced(() => ms);
