import { expect, test } from "vitest";
import { testConfig } from "@/scripts/test/config";
import { checkParameters, ruleParameters } from "./parameters";

const inGroup = (group: string) => {
  const config = testConfig();
  const resourceId = config.workspace.resourceId.replace(/(resourcegroups\/)[^/]+/i, `$1${group}`);
  return { ...config, workspace: { ...config.workspace, resourceId } };
};

test("a workspace may lie in a group whose name is not ASCII, and nothing that ends a string of KQL gets into a rule", () => {
  expect(checkParameters(ruleParameters(inGroup("rg-Größe"))).workspace).toContain("/rg-größe/");
  for (const group of ["rg'", 'rg"', "rg\\", "rg x", "rg\n", "rg|x"])
    expect(() => checkParameters(ruleParameters(inGroup(group))), group).toThrow();
});
