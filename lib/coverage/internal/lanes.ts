import "server-only";
import { AppError } from "@/lib/errors";
import { pause } from "@/lib/pause";

export interface LaneOptions {
  /** Starts of one lane, per second. */
  perSecond: number;
  /** Under way at the same time in one lane. */
  inFlight: number;
  /** Ends the lanes before their next start. */
  signal: AbortSignal;
  /** Times that one item may be told to slow down before it is given up for this round. */
  throttledMax?: number;
}

const THROTTLED_MAX = 5;

/**
 * Works off items in lanes that run side by side, each lane in order and within its rate, because Azure counts per
 * subscription. When Azure asks to slow down, the whole lane waits as long as it says and the item is tried again.
 * Other failures are `work`'s own to handle; one that it throws is handed to `onFailure` and the lane goes on.
 */
export async function runLanes<T>(
  lanes: readonly (readonly T[])[],
  work: (item: T) => Promise<void>,
  options: LaneOptions & { onFailure(item: T, error: unknown): void },
): Promise<void> {
  await Promise.all(lanes.map((lane) => runLane(lane, work, options)));
}

async function runLane<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  {
    perSecond,
    inFlight,
    signal,
    onFailure,
    throttledMax = THROTTLED_MAX,
  }: LaneOptions & { onFailure(item: T, error: unknown): void },
): Promise<void> {
  const gap = 1000 / perSecond;
  const running = new Set<Promise<void>>();
  const queue = items.map((item) => ({ item, throttled: 0 }));
  let nextStart = 0;
  const start = async (entry: { item: T; throttled: number }) => {
    try {
      await work(entry.item);
    } catch (error) {
      const wait = retryAfter(error);
      if (wait === undefined || entry.throttled >= throttledMax) return onFailure(entry.item, error);
      nextStart = Math.max(nextStart, Date.now() + wait);
      queue.unshift({ item: entry.item, throttled: entry.throttled + 1 });
    }
  };
  while (!signal.aborted && (queue.length > 0 || running.size > 0)) {
    const entry = running.size < inFlight ? queue.shift() : undefined;
    if (!entry) {
      await Promise.race(running);
      continue;
    }
    await pause(nextStart - Date.now(), signal);
    if (signal.aborted) break;
    nextStart = Math.max(nextStart, Date.now()) + gap;
    const flight: Promise<void> = start(entry).finally(() => running.delete(flight));
    running.add(flight);
  }
  await Promise.all(running);
}

function retryAfter(error: unknown): number | undefined {
  if (!(error instanceof AppError) || error.failure.code !== "throttled") return undefined;
  return (error.failure.retryAfterSeconds ?? 10) * 1000;
}
