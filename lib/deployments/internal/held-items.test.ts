import { expect, test } from "vitest";
import { HeldItems } from "./held-items";
import { CLAIM_MS } from "./ledger";

/** Two items, taken at time 0, on a clock that is moved by hand. */
function taken() {
  const clock = { now: 0 };
  const held = new HeldItems(() => new Date(clock.now), new Set(["a", "b"]), 0);
  return { clock, held };
}

test("an item is held until a minute after the last sign of life began", () => {
  const { clock, held } = taken();
  clock.now = CLAIM_MS - 1;
  expect(() => held.must("a")).not.toThrow();
  held.renewed(["a", "b"], CLAIM_MS - 1_000);
  clock.now = 2 * CLAIM_MS - 1_001;
  expect(() => held.must("a")).not.toThrow();
  clock.now++;
  expect(() => held.must("a")).toThrow("another one's");
});

test("an item that another process has is not held again, though the others are", () => {
  const { held } = taken();
  held.renewed(["b"], 1);
  expect(() => held.must("a")).toThrow("another one's");
  held.renewed(["a", "b"], 2);
  expect(() => held.must("a")).toThrow("another one's");
  expect(() => held.must("b")).not.toThrow();
  expect(() => held.must("c")).toThrow("another one's");
});
