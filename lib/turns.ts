import "server-only";
import { setImmediate as nextRound } from "node:timers/promises";
import pLimit from "p-limit";

const oneAfterAnother = pLimit(1);

/**
 * Waits until it is one's turn to keep the processor for some ten milliseconds: one piece of such work in each round of the
 * event loop, so that requests are answered between two of them, however many wait.
 */
export function ownTurn(): Promise<void> {
  return oneAfterAnother(() => nextRound());
}
