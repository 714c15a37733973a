import { expect, test } from "vitest";
import { customDetails, ruleIdOf, textsIn, textsInValue } from "./alert-details.pure";

test.each([
  [
    ["a", "b", "a"],
    ["a", "b"],
  ],
  [
    ['["a","b"]', "c"],
    ["a", "b", "c"],
  ],
  [["[not json"], ["[not json"]],
  [["[1,2]"], ["1", "2"]],
  [[3], ["3"]],
  ["plain", ["plain"]],
  [null, []],
  [[""], []],
  [[{ a: 1 }], []],
])("the texts of the detail %j are %j", (detail, texts) => {
  expect(textsIn(detail)).toEqual(texts);
});

test("a list in a cell that was cut off is known as such", () => {
  expect(textsInValue('["a","b"]')).toEqual(["a", "b"]);
  expect(textsInValue("a")).toEqual(["a"]);
  expect(textsInValue('["a","b')).toBeUndefined();
});

test.each([
  ["JSON text", '{"Caller":["a"]}'],
  ["what a query made of it", { Caller: ["a"] }],
])("details come as %s", (_, raw) => {
  expect(customDetails(raw)).toEqual({ Caller: ["a"] });
});

test.each([undefined, null, "", "x", 3, [], { Caller: "a" }])("details that are none are empty: %j", (raw) => {
  expect(customDetails(raw)).toEqual({});
});

test("an alert's type names the rule of this workspace behind it, and no other does", () => {
  const [workspace, rule] = ["6b3e49f5-8a4d-2f9b-8c7e-1045c2a0d3d6", "5C1F7A52-0f4e-4a0e-9d0b-7a3b1de5a6c1"];
  expect(ruleIdOf(`${workspace}_${rule}`)).toBe(rule.toLowerCase());
  expect(ruleIdOf("KV_OperationVolumeAnomaly")).toBeUndefined();
});
