/** What one key has used up in the window, oldest first; `head` is the first use that still counts. */
interface Uses {
  times: number[];
  weights: number[];
  head: number;
  sum: number;
}

/**
 * Adds up requests per key in a sliding window, as Azure's "N per M seconds" limits do. A request may weigh more than
 * one where a limit of several kinds of requests is enforced on their sum. Refused requests do not count.
 */
export class RateWindow {
  private readonly used = new Map<string, Uses>();

  constructor(
    private readonly limit: number,
    private readonly windowMs: number,
  ) {}

  /** Whole seconds after which a request of that weight would be taken at `now` (milliseconds); 0: at once. */
  wait(key: string, now: number, weight = 1): number {
    const uses = this.current(key, now);
    if (uses.sum + weight <= this.limit) return 0;
    let freed = 0;
    for (let at = uses.head; at < uses.times.length; at++) {
      freed += uses.weights[at] ?? 0;
      if (uses.sum - freed + weight > this.limit) continue;
      return Math.max(1, Math.ceil(((uses.times[at] ?? now) + this.windowMs - now) / 1000));
    }
    return Math.max(1, Math.ceil(this.windowMs / 1000));
  }

  /** Takes the place if there is one. Answers as `wait` does. */
  take(key: string, now: number, weight = 1): number {
    const wait = this.wait(key, now, weight);
    if (wait > 0) return wait;
    const uses = this.current(key, now);
    uses.times.push(now);
    uses.weights.push(weight);
    uses.sum += weight;
    return 0;
  }

  private current(key: string, now: number): Uses {
    let uses = this.used.get(key);
    if (!uses) {
      uses = { times: [], weights: [], head: 0, sum: 0 };
      this.used.set(key, uses);
    }
    while (uses.head < uses.times.length && (uses.times[uses.head] ?? now) <= now - this.windowMs) {
      uses.sum -= uses.weights[uses.head] ?? 0;
      uses.head++;
    }
    if (uses.head > 1000 && uses.head * 2 > uses.times.length) {
      uses.times.splice(0, uses.head);
      uses.weights.splice(0, uses.head);
      uses.head = 0;
    }
    return uses;
  }
}
