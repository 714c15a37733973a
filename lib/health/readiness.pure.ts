import { z } from "zod";

export const PART_NAMES = ["store", "worker", "azure"] as const;

/** unavailable = no page can show anything; degraded = pages show what is known, and something behind them is missing. */
export const Readiness = z.object({
  status: z.enum(["ready", "degraded", "unavailable"]),
  parts: z.array(z.object({ name: z.enum(PART_NAMES), ok: z.boolean(), detail: z.string() })),
});
export type Readiness = z.infer<typeof Readiness>;
export type Part = Readiness["parts"][number];

/** Without the store nothing can be shown; a worker or Azure that is away is no reason to send people elsewhere. */
export function readinessOf(parts: readonly Part[]): Readiness {
  const missing = parts.filter(({ ok }) => !ok).map(({ name }) => name);
  const status = missing.includes("store") ? "unavailable" : missing.length > 0 ? "degraded" : "ready";
  return { status, parts: [...parts] };
}
