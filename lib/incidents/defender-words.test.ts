import { describe, expect, test } from "vitest";
import {
  CLASSIFICATIONS,
  type Classification,
  type ClassificationReason,
  REASONS,
  SEVERITIES,
  STATUSES,
} from "./change.pure";
import {
  closingFromGraph,
  graphClosing,
  graphSeverity,
  graphStatus,
  severityFromGraph,
  statusFromGraph,
} from "./defender-words.pure";

const closings = CLASSIFICATIONS.flatMap((classification): [Classification, ClassificationReason | undefined][] => {
  const reasons: readonly ClassificationReason[] = REASONS[classification];
  return reasons.length === 0 ? [[classification, undefined]] : reasons.map((reason) => [classification, reason]);
});

describe("what Sentinel says survives the way to Graph and back", () => {
  test.each(STATUSES)("status %s", (status) => expect(statusFromGraph(graphStatus(status))).toBe(status));
  test.each(SEVERITIES)("severity %s", (severity) => expect(severityFromGraph(graphSeverity(severity))).toBe(severity));
  test.each(closings)("%s for %s", (classification, classificationReason) => {
    const { classification: word, determination } = graphClosing(classification, classificationReason);
    expect(closingFromGraph(word, determination)).toEqual({
      classification,
      ...(classificationReason && { classificationReason }),
    });
  });
});

test("words that only Graph has are not guessed at", () => {
  expect(statusFromGraph("redirected")).toBeUndefined();
  expect(statusFromGraph(undefined)).toBeUndefined();
  expect(severityFromGraph("catastrophic")).toBeUndefined();
  expect(closingFromGraph("unheardOf", "apt")).toEqual({ classification: "Undetermined" });
});
