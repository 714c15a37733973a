import { expect, test, vi } from "vitest";
import { letPrologue } from "@/lib/azure/kql-literal.pure";
import { analyse, TABLES } from "@/lib/detection/testing/parser";
import { readingWatchlist, readKql, withoutComments } from "@/lib/kql-files";

// The parser's first analysis takes one to four seconds, and more on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const creations = () => {
  const text = withoutComments(readKql("lib/register/queries/creations.kql"));
  return `${letPrologue({ planter: "0b0b0b0b-0000-4000-8000-000000000001" })}${text}`;
};

test("Microsoft's parser has nothing against the query for creations, on a new and on an older register", () => {
  for (const watchlist of ["own", "upstream"] as const)
    expect(analyse(creations(), { watchlist }).problems).toEqual([]);
});

test("it stands on a workspace that lacks any one of the tables, and reads the configured register", () => {
  for (const absent of Object.keys(TABLES)) {
    const tables = Object.fromEntries(Object.entries(TABLES).filter(([table]) => table !== absent));
    expect(analyse(creations(), { tables }).problems.filter((problem) => problem.startsWith("Error"))).toEqual([]);
  }
  expect(readingWatchlist(creations(), "inventory")).not.toContain("HoneyTokens");
});
