import { expect, test } from "vitest";
import { isReason, REASON_LABELS, reasonLabel } from "./reason-labels.pure";
import { REASONS, reasonText } from "./reasons.pure";

test.each(Object.entries(REASONS))("%s has words and, where it is bad, something to do", (reason, text) => {
  expect(reasonLabel(reason).length).toBeLessThanOrEqual(32);
  expect(text.sentence).toMatch(/^[A-Z].*\.$/);
  expect(text.fix === "" || /^[A-Z].*\.$/.test(text.fix)).toBe(true);
  expect(text.action === "none").toBe(text.fix === "");
  expect(isReason(reason)).toBe(true);
});

test("labels tell reasons apart", () => {
  const labels = Object.values(REASON_LABELS);
  expect(new Set(labels).size).toBe(labels.length);
});

test("a reason that this version does not know is said to be unknown, not shown as a code", () => {
  expect(reasonLabel("from_a_newer_server")).toBe("Not known");
  expect(reasonLabel("toString")).toBe("Not known");
  expect(reasonText("toString").sentence).toMatch(/not known to this version/);
});
