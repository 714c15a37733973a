import { z } from "zod";
import { ClockError, type Timekeeper } from "../clock";
import { AzureError, type Router, type SimRequest } from "../http";

interface ClockCall {
  request: SimRequest;
  timekeeper: Timekeeper;
}

const Advance = z.union([
  z.strictObject({ milliseconds: z.int().min(0) }),
  z.strictObject({ until: z.iso.datetime({ offset: true }) }),
]);

/** Control routes: what time it is, and moving a virtual clock. */
export function routeClock<C extends ClockCall>(router: Router<C>): void {
  router
    .on("GET", "/sim/clock", ({ timekeeper }) => ({ status: 200, body: report(timekeeper) }))
    .on("POST", "/sim/clock/advance", async ({ request, timekeeper }) => {
      const wish = Advance.safeParse(request.json());
      if (!wish.success) throw refused('The body must be {"milliseconds": n} or {"until": "2026-10-01T00:00:00Z"}.');
      const until =
        "until" in wish.data ? Date.parse(wish.data.until) : timekeeper.clock.now() + wish.data.milliseconds;
      try {
        await timekeeper.advanceTo(until);
      } catch (error) {
        throw error instanceof ClockError ? refused(error.message) : error;
      }
      return { status: 200, body: report(timekeeper) };
    });
}

function report({ clock }: Timekeeper) {
  const milliseconds = clock.now();
  return { mode: clock.mode, now: new Date(milliseconds).toISOString(), milliseconds };
}

function refused(message: string): AzureError {
  return new AzureError(400, "BadRequest", message);
}
