import { expect, test } from "vitest";
import { dueTurns, latestTurn } from "./schedule.pure";

const DAY = 24 * 60 * 60 * 1000;
const NOW = new Date("2026-11-30T08:00:00Z");
const ago = (days: number) => new Date(NOW.getTime() - days * DAY);
const LONG_AGO = ago(400);

test("a vault's turn comes once a period, at a time of its own", () => {
  const turn = latestTurn(0.3, 30, NOW);
  expect(turn.getTime()).toBeLessThanOrEqual(NOW.getTime());
  expect(latestTurn(0.3, 30, new Date(turn.getTime() + 29 * DAY - 1))).toEqual(turn);
  expect(latestTurn(0.3, 30, new Date(turn.getTime() + 29 * DAY)).getTime()).toBe(turn.getTime() + 29 * DAY);
  expect(latestTurn(0.6, 30, NOW)).not.toEqual(turn);
});

test("over a period every vault is due once, and no day has much more than its share", () => {
  const turns = Array.from({ length: 290 }, (_, index) => ({ vaultId: `v${index}`, share: index / 290 }));
  const last = new Map<string, Date>();
  const perDay: number[] = [];
  for (let day = 0; day < 29; day++) {
    const at = new Date(NOW.getTime() + day * DAY);
    const due = dueTurns(
      turns.map((turn) => ({ ...turn, lastAt: last.get(turn.vaultId) })),
      30,
      ago(1),
      at,
      1_000,
    );
    for (const id of due) last.set(id, at);
    perDay.push(due.length);
  }
  expect(last.size).toBe(290);
  expect(Math.max(...perDay)).toBeLessThanOrEqual(11);
});

test("nothing is due when it is off, before it began, or after a drill since the turn", () => {
  const turn = { vaultId: "v", share: 0.3, lastAt: undefined };
  expect(dueTurns([turn], 30, LONG_AGO, NOW, 10)).toEqual(["v"]);
  expect(dueTurns([turn], 0, LONG_AGO, NOW, 10)).toEqual([]);
  expect(dueTurns([turn], 30, NOW, NOW, 10)).toEqual([]);
  expect(dueTurns([turn], 30, LONG_AGO, NOW, 0)).toEqual([]);
  expect(dueTurns([{ ...turn, lastAt: NOW }], 30, LONG_AGO, NOW, 10)).toEqual([]);
  expect(dueTurns([{ ...turn, lastAt: ago(40) }], 30, LONG_AGO, NOW, 10)).toEqual(["v"]);
});

test("those that wait longest come first within the day's limit", () => {
  const turns = [0.1, 0.5, 0.9].map((share) => ({ vaultId: String(share), share, lastAt: undefined }));
  const [first] = dueTurns(turns, 30, LONG_AGO, NOW, 1);
  const oldest = turns.toSorted(
    (a, b) => latestTurn(a.share, 30, NOW).getTime() - latestTurn(b.share, 30, NOW).getTime(),
  )[0];
  expect(first).toBe(oldest?.vaultId);
});

test("a drill that failed is made again within a day, after those whose turn has come", () => {
  const hours = (count: number) => new Date(NOW.getTime() - count * 60 * 60 * 1000);
  const failed = { vaultId: "failed", share: 0.3, lastAt: NOW, failedAt: hours(21) };
  const fresh = { vaultId: "fresh", share: 0.3, lastAt: undefined };
  expect(dueTurns([failed, fresh], 30, LONG_AGO, NOW, 10)).toEqual(["fresh", "failed"]);
  expect(dueTurns([failed, fresh], 30, LONG_AGO, NOW, 1)).toEqual(["fresh"]);
  expect(dueTurns([{ ...failed, failedAt: hours(19) }], 30, LONG_AGO, NOW, 10)).toEqual([]);
  expect(dueTurns([{ ...failed, lastAt: ago(40) }], 30, LONG_AGO, NOW, 10)).toEqual(["failed"]);
});
