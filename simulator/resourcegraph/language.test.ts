import { describe, expect, test } from "vitest";
import { prepareQuery } from "./language";

function fault(text: string): string | undefined {
  const prepared = prepareQuery(text);
  return "fault" in prepared ? prepared.fault.code : undefined;
}

describe("the language of Resource Graph", () => {
  test("the table may be left out and is then resources", () => {
    expect(prepareQuery("where type == 'x' | project id")).toEqual({
      query: "resources | where type == 'x' | project id",
    });
    expect(prepareQuery("ResourceContainers | count")).toEqual({ query: "ResourceContainers | count" });
  });

  test("what KQL has and Resource Graph has not is refused", () => {
    expect(fault("let x = 1; resources | take x")).toBe("ParserFailure");
    expect(fault("resources | project-rename a = id")).toBe("DisallowedOperator");
    expect(fault("resources | evaluate bag_unpack(tags)")).toBe("DisallowedOperator");
    expect(fault("resources | join kind=leftanti (resourcecontainers) on subscriptionId")).toBe("DisallowedOperator");
    expect(fault("resources | join (resourcecontainers | invoke f()) on id")).toBe("DisallowedOperator");
    expect(fault("computeresources | count")).toBe("DisallowedLogicalTableName");
    expect(fault(`resources ${"| join (resourcecontainers) on id ".repeat(4)}`)).toBe("DisallowedMaxNumberOfOperators");
  });

  test("text in quotes and comments is not read as code", () => {
    expect(fault("resources | where name == 'a | evaluate b; let' // | render x;\n| count")).toBeUndefined();
    expect(fault('resources | where name == @"c:\\" | where id == "| scan \\" ; " | count')).toBeUndefined();
  });
});
