import "server-only";
import { AppError } from "@/lib/errors";
import { CLAIM_MS } from "./ledger";

/**
 * What one taking of a chunk may still work on. A process that could give no sign of life for a minute, or that was taken
 * for dead, has lost items to another one without being told: what it had sent to wait for a turn must not go out then.
 */
export class HeldItems {
  /** @param at milliseconds since 1970 at which the items were taken */
  constructor(
    private readonly now: () => Date,
    private items: ReadonlySet<string>,
    private at: number,
  ) {}

  /** After a sign of life, begun at `at`: these items are still held, and the others for good no more. */
  renewed(items: readonly string[], at: number): void {
    this.items = new Set(items.filter((id) => this.items.has(id)));
    this.at = at;
  }

  /** @throws AppError `unavailable` when the item may be another one's by now; nothing was sent */
  must(item: string): void {
    if (this.items.has(item) && this.now().getTime() < this.at + CLAIM_MS) return;
    throw new AppError(
      "unavailable",
      "This process was too slow, so the vault may be another one's to work on by now.",
      {
        fix: "Nothing is to be done: whoever has it goes on.",
      },
    );
  }
}
