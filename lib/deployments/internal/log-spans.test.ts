import { expect, test } from "vitest";
import { letPrologue } from "@/lib/azure/kql-literal.pure";
import { analyse } from "@/lib/detection/testing/parser";
import { readKql, withoutComments } from "@/lib/kql-files";
import { beganAfter } from "./log-spans";

const MINUTE = 60_000;
const SENT = [Date.parse("2026-11-01T12:00:00Z"), Date.parse("2026-11-01T12:01:00Z")];
const at = (minutes: number) => new Date(Date.parse("2026-11-01T12:00:00Z") + minutes * MINUTE);

test.each([
  ["began later and shows later calls", 20, 40, true],
  ["began with the planting, by a clock that is a little behind", -2, 40, true],
  ["worked before, so that a missing row is a fault", -30, 40, false],
  ["began later and shows nothing that is surely of later", 2, 4, false],
])("a log that %s", (_, first, newest, began) => {
  expect(beganAfter({ first: at(first), newest: at(newest) }, SENT, 5 * MINUTE)).toBe(began);
});

test("Microsoft's parser has nothing against the query", { timeout: 60_000 }, () => {
  const kql = withoutComments(readKql("lib/deployments/queries/log-spans.kql"));
  const { problems, columns } = analyse(letPrologue({ vaults: ["/subscriptions/a"], since: at(0) }) + kql, {});
  expect({ problems, columns }).toEqual({ problems: [], columns: ["VaultId", "First", "Newest"] });
});
