import { describe, expect, test } from "vitest";
import { ZodError } from "zod";
import { board, row } from "@/components/testing/samples";
import { keepUnchangedRows, parseBoard } from "./parse-board";

const many = Array.from({ length: 1_201 }, (_, index) => row({ name: `kv-${index}` }));

describe("reading a board", () => {
  test("reads every row of a large one", async () => {
    const read = await parseBoard(JSON.parse(JSON.stringify(board(many))));
    expect(read).toEqual(board(many));
  });

  test("refuses a board with one row that it does not understand", async () => {
    const broken = { ...board(many), vaults: [...many, { ...row(), state: "purple" }] };
    await expect(parseBoard(broken)).rejects.toBeInstanceOf(ZodError);
  });
});

describe("a poll that changes little", () => {
  const before = board([row({ name: "a" }), row({ name: "b" })]);

  test("keeps the very list when no row changed, so that nothing is sorted or drawn again", () => {
    const next = board([row({ name: "a" }), row({ name: "b" })], { readAt: "2026-11-22T10:00:15.000Z" });
    const kept = keepUnchangedRows(before, next);
    expect(kept.vaults).toBe(before.vaults);
    expect(kept.readAt).toBe("2026-11-22T10:00:15.000Z");
  });

  test("replaces only the row that changed", () => {
    const kept = keepUnchangedRows(before, board([row({ name: "a", state: "waiting" }), row({ name: "b" })]));
    expect(kept.vaults[0]).toMatchObject({ state: "waiting" });
    expect(kept.vaults[1]).toBe(before.vaults[1]);
  });

  test("notices that a vault is gone", () => {
    expect(keepUnchangedRows(before, board([row({ name: "a" })])).vaults.map(({ name }) => name)).toEqual(["a"]);
  });
});
