/** Counts requests per key in a sliding window, as Azure's "N per M seconds" limits do. Refused requests do not count. */
export class RateWindow {
  private readonly taken = new Map<string, number[]>();

  constructor(
    private readonly limit: number,
    private readonly windowMs: number,
  ) {}

  /** Takes one place at `now` (milliseconds). Answers 0, or the whole seconds after which a place is free again. */
  take(key: string, now: number): number {
    const times = (this.taken.get(key) ?? []).filter((time) => time > now - this.windowMs);
    this.taken.set(key, times);
    const oldest = times[0];
    if (oldest === undefined || times.length < this.limit) {
      times.push(now);
      return 0;
    }
    return Math.max(1, Math.ceil((oldest + this.windowMs - now) / 1000));
  }
}
