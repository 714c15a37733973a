import "server-only";
import type { BucketSize } from "./arm-limits.pure";

/**
 * Our own picture of a token bucket that Azure keeps: calls that would be refused wait here, in the order in which they
 * came. What Azure answers corrects the picture, since others may draw from the same bucket.
 */
export class TokenBucket {
  private level: number;
  private filledAt: number;
  private heldUntil = 0;
  private readonly queue: (() => void)[] = [];
  private timer: NodeJS.Timeout | undefined;

  /** @param now milliseconds of any clock that only goes forward */
  constructor(
    private readonly size: BucketSize,
    private readonly now: () => number,
  ) {
    this.level = size.burst;
    this.filledAt = now();
  }

  /** Takes a token: undefined when there was one, else a promise of the one whose turn it is then. */
  take(): Promise<void> | undefined {
    if (this.queue.length === 0 && this.takeNow()) return undefined;
    return new Promise((resolve) => {
      this.queue.push(resolve);
      this.wake();
    });
  }

  /**
   * Azure said how many tokens were left after a call that was sent at `sentAt`. Counts only when that is less than we
   * thought, refilling meanwhile included: then others take from the bucket too.
   */
  observe(remaining: number, sentAt: number): void {
    this.fill();
    const atMost = remaining + 1 + ((this.now() - sentAt) / 1_000) * this.size.perSecond;
    this.level = Math.min(this.level, atMost);
  }

  /** Azure refused a call: nothing more is sent for so many milliseconds, and then as fast as the bucket fills. */
  hold(milliseconds: number): void {
    this.fill();
    this.heldUntil = Math.max(this.heldUntil, this.now() + milliseconds);
    this.level = Math.min(this.level, 0);
    // The bucket fills on while it is held, but only Azure knows from where.
    this.filledAt = this.heldUntil;
    this.wake();
  }

  private takeNow(): boolean {
    this.fill();
    if (this.now() < this.heldUntil || this.level < 1) return false;
    this.level--;
    return true;
  }

  private fill(): void {
    const now = this.now();
    if (now <= this.filledAt) return;
    this.level = Math.min(this.size.burst, this.level + ((now - this.filledAt) / 1_000) * this.size.perSecond);
    this.filledAt = now;
  }

  private wake(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.queue.length === 0) return;
    const filling = (Math.max(0, 1 - this.level) / this.size.perSecond) * 1_000;
    const wait = Math.max(this.filledAt, this.heldUntil) + filling - this.now();
    this.timer = setTimeout(() => this.serve(), Math.max(1, Math.ceil(wait)));
  }

  private serve(): void {
    while (this.queue.length > 0 && this.takeNow()) this.queue.shift()?.();
    this.wake();
  }
}
