import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { close, closedCopy, specFolder } from "./spec-files";
import { smallSpecs } from "./testing/specs";

const leftOvers: string[] = [];
const folder = () => {
  const made = mkdtempSync(path.join(tmpdir(), "kvh-spec-test-"));
  leftOvers.push(made);
  return made;
};
afterEach(() => {
  for (const left of leftOvers.splice(0)) rmSync(left, { recursive: true, force: true });
});

describe("the folder of descriptions", () => {
  test("unset or missing: skipped, with the reason", () => {
    expect(specFolder(undefined)).toEqual({ skip: expect.stringContaining("AZURE_SPECS is not set") });
    expect(specFolder("")).toEqual({ skip: expect.stringContaining("AZURE_SPECS is not set") });
    expect(specFolder(path.join(folder(), "none"))).toEqual({ skip: expect.stringContaining("names no folder") });
  });

  test("a folder with something else in it is an error, not a reason to skip", () => {
    expect(specFolder(folder())).toEqual({ wrong: expect.stringContaining("specification/keyvault") });
  });

  test("the copy has closed enumerations and no examples, and tells the operations of each file", () => {
    const specs = smallSpecs();
    const target = folder();
    const files = closedCopy(specs.folder, target);
    specs.remove();
    expect(files.map(({ version }) => version).sort()).toEqual(["2020-01-01", "2024-01-01", "7.5"]);
    const widgets = files.find(({ version }) => version === "2024-01-01");
    expect(widgets?.operations).toContain(
      "PUT /subscriptions/{subscriptionId}/providers/Contoso.Widgets/widgets/{name}",
    );
    const text = readFileSync(path.join(target, widgets?.file ?? ""), "utf8");
    expect(text).toContain('"modelAsString":false');
    expect(text).not.toContain("x-ms-examples");
  });

  test("closing leaves everything else as it was", () => {
    expect(close({ a: [1, null, { modelAsString: true, name: "A" }], "x-ms-examples": {} })).toEqual({
      a: [1, null, { modelAsString: false, name: "A" }],
    });
  });
});
