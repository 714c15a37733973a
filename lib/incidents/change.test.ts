import { describe, expect, test } from "vitest";
import { CLASSIFICATIONS, IncidentChange, REASONS } from "./change.pure";

const fieldOf = (change: unknown) => IncidentChange.safeParse(change).error?.issues[0]?.path[0];

describe("a change of an incident", () => {
  test.each([
    { status: "Active" },
    { owner: null },
    { owner: { objectId: "11111111-1111-4111-8111-111111111111", upn: "a@b.test" } },
    { comment: "<img onerror=alert(1)> | drop\u202egnp.exe" },
    ...CLASSIFICATIONS.map((classification) => ({
      status: "Closed",
      classification,
      ...(REASONS[classification][0] && { classificationReason: REASONS[classification][0] }),
    })),
  ])("is taken: %j", (change) => {
    expect(IncidentChange.parse(change)).toEqual(change);
  });

  test.each<[unknown, string]>([
    [{ status: "Closed" }, "classification"],
    [{ status: "Active", classification: "Undetermined" }, "classification"],
    [{ status: "Closed", classification: "FalsePositive" }, "classificationReason"],
    [
      { status: "Closed", classification: "TruePositive", classificationReason: "InaccurateData" },
      "classificationReason",
    ],
    [{ classificationReason: "InaccurateData" }, "classificationReason"],
    [{ comment: "   " }, "comment"],
    [{ comment: "x".repeat(30_001) }, "comment"],
    [{ status: "Open" }, "status"],
    [{ owner: { objectId: "me" } }, "owner"],
    [{ labels: [""] }, "labels"],
  ])("%j is refused, and the field is named", (change, field) => {
    expect(fieldOf(change)).toBe(field);
  });

  test("that changes nothing, or what nobody may change, is refused", () => {
    expect(IncidentChange.safeParse({}).success).toBe(false);
    expect(IncidentChange.safeParse({ title: "mine" }).success).toBe(false);
  });
});
