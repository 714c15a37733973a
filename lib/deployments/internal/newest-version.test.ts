import { expect, test } from "vitest";
import { isNewestOurs, mayBeAnothers } from "./newest-version";

const sent = new Date("2026-06-01T10:00:00Z");
const later = (minutes: number) => new Date(sent.getTime() + minutes * 60_000);
const decoy = { sent_at: sent };

test("the newest version is ours while its time is that of our last write", () => {
  for (const minutes of [-1, 0, 5]) expect(isNewestOurs({ created: later(minutes) }, decoy)).toBe(true);
  expect(isNewestOurs({ created: later(60) }, decoy)).toBe(false);
  expect(isNewestOurs({ created: later(-60) }, decoy)).toBe(false);
});

test("where a time is not known nothing is proven to be ours", () => {
  expect(isNewestOurs({ created: undefined }, decoy)).toBe(false);
  expect(isNewestOurs({ created: sent }, { sent_at: null })).toBe(false);
});

test("a newest version that is not our last write is somebody else's, long before the log was asked too", () => {
  const asked = later(24 * 60);
  expect(mayBeAnothers({ created: later(24 * 60 + 1) }, decoy, asked)).toBe(true);
  expect(mayBeAnothers({ created: later(60) }, decoy, asked)).toBe(true);
  expect(mayBeAnothers({ created: undefined }, decoy, asked)).toBe(true);
  expect(mayBeAnothers({ created: later(1) }, decoy, asked)).toBe(false);
});

test("where our last write is not known, what is newer than the log's last answer may be somebody else's", () => {
  const [asked, imported] = [later(24 * 60), { sent_at: null }];
  expect(mayBeAnothers({ created: later(24 * 60 + 1) }, imported, asked)).toBe(true);
  expect(mayBeAnothers({ created: undefined }, imported, asked)).toBe(true);
  expect(mayBeAnothers({ created: later(60) }, imported, asked)).toBe(false);
});
