import { expect, test } from "vitest";
import { ownTurn } from "./turns";

test("of what waits at the same time one piece is done in each round of the event loop, in order", async () => {
  let round = 0;
  let isOver = false;
  const count = () => {
    round++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const done: { piece: number; round: number }[] = [];
  const piece = async (_: unknown, index: number) => {
    await ownTurn();
    done.push({ piece: index, round });
  };
  await Promise.all(Array.from({ length: 5 }, piece));
  isOver = true;
  expect(done.map((each) => each.piece)).toEqual([0, 1, 2, 3, 4]);
  expect(new Set(done.map((each) => each.round)).size).toBe(5);
});
