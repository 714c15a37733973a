import { expect, test } from "vitest";
import { wasGone } from "./decoys";

const LOST = new Date("2026-11-20T10:00:00Z");
const NOW = new Date("2026-11-22T10:00:00Z");

test("what was let go since somebody else had deleted it has no deletion of ours; what this product deleted has", () => {
  expect(wasGone({ broken: "deleted", broken_at: LOST, deleted_at: LOST })).toBe(true);
  // Somebody had brought it back.
  expect(wasGone({ broken: "deleted", broken_at: LOST, deleted_at: NOW })).toBe(false);
  expect(wasGone({ broken: "deleted", broken_at: LOST, deleted_at: null })).toBe(false);
  expect(wasGone({ broken: "disabled", broken_at: LOST, deleted_at: LOST })).toBe(false);
});
