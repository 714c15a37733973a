import { expect, test } from "vitest";
import { unremovable, wasGone } from "./reach";

const LOST = new Date("2026-11-20T10:00:00Z");
const NOW = new Date("2026-11-22T10:00:00Z");

test("what was let go since somebody else had deleted it is looked for no more; what this product deleted is", () => {
  expect(wasGone({ broken: "deleted", broken_at: LOST, deleted_at: LOST })).toBe(true);
  // Somebody had brought it back.
  expect(wasGone({ broken: "deleted", broken_at: LOST, deleted_at: NOW })).toBe(false);
  expect(wasGone({ broken: "deleted", broken_at: LOST, deleted_at: null })).toBe(false);
  expect(wasGone({ broken: "disabled", broken_at: LOST, deleted_at: LOST })).toBe(false);
});

test("past a closed network only what is gone already can be let go, and the reason says what to do", () => {
  const [gone, there] = [{ broken: "deleted" as const }, { broken: null }];
  expect(unremovable({ network: "private" }, [gone, gone])).toBeUndefined();
  expect(unremovable({ network: "firewall" }, [gone, there])).toMatch(/have the vault's owner let this server in/);
  expect(unremovable({ network: "public" }, [there])).toBeUndefined();
});
