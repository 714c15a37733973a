import { describe, expect, it } from "vitest";
import { AGGREGATE_NAMES } from "./aggregates/names";
import { aggregateNames, findAggregate } from "./aggregates/registry";
import { findFunction, functionNames } from "./functions/registry";

describe("the names of functions", () => {
  it("include every aggregate that the engine has, or it would be taken for a scalar function", () => {
    expect(aggregateNames().filter((name) => !AGGREGATE_NAMES.has(name))).toEqual([]);
    expect(findAggregate("count")).toBeDefined();
  });

  it("are not shared by scalar functions and aggregates", () => {
    expect(functionNames().filter((name) => AGGREGATE_NAMES.has(name))).toEqual([]);
    expect(findFunction("strcat")).toBeDefined();
    expect(findFunction("toString")).toBeUndefined();
  });
});
