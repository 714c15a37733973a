import { expect, test } from "vitest";
import { ruleBodies } from "@/lib/detection/rule-export";
import { changesBetween } from "./compare";

const [rule = expect.fail("no rule")] = ruleBodies();
const { properties } = rule;

test("what the service adds, another order of tactics and other line ends are no change", () => {
  const listed = {
    ...properties,
    query: String(properties.query).replaceAll("\n", "\r\n"),
    tactics: ["CredentialAccess"],
    lastModifiedUtc: "2026-11-22T12:00:00Z",
    alertDetailsOverride: { ...Object(properties.alertDetailsOverride), alertTacticsColumnName: null },
    incidentConfiguration: { ...Object(properties.incidentConfiguration), added: true },
  };
  expect(changesBetween(listed, properties)).toEqual([]);
});

test("each property that differs is told with both sides", () => {
  expect(changesBetween({ ...properties, enabled: false, severity: "Low" }, properties)).toEqual([
    { property: "severity", before: "Low", after: "High" },
    { property: "enabled", before: "false", after: "true" },
  ]);
});

test("a detail more, a detail less and a missing property are changes", () => {
  const details: Record<string, string> = { ...Object(properties.customDetails) };
  expect(changesBetween({ ...properties, customDetails: { ...details, More: "Caller" } }, properties)).toHaveLength(1);
  delete details.Caller;
  expect(changesBetween({ ...properties, customDetails: details }, properties)).toHaveLength(1);
  const { entityMappings: _, ...without } = properties;
  expect(changesBetween(without, properties)).toMatchObject([{ property: "entityMappings", before: null }]);
});
