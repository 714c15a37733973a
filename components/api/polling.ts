import type { DeploymentState } from "@/lib/deployments/views.pure";

// DESIGN section 5: progress every 2 s, standing data every 15 s; React Query pauses both in hidden tabs.
export const PROGRESS_MS = 2_000;
export const STANDING_MS = 15_000;

const UNDER_WAY: readonly (DeploymentState | string)[] = ["planning", "queued", "running"];

/** Whether the next seconds may change the picture. */
export const underWay = (state: DeploymentState | string): boolean => UNDER_WAY.includes(state);
