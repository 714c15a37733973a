import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { readKql, withoutComments } from "./kql-files";

const QUERIES = readdirSync("lib", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".kql"))
  .map((file) => `lib/${file}`);

test("every part that a query names is there and is put in", () => {
  expect(QUERIES.length).toBeGreaterThan(30);
  for (const file of QUERIES) expect(readKql(file), file).not.toMatch(/^\s*\/\/: part/m);
});

test("a part takes the window and the further column that it is asked for", () => {
  const sent = withoutComments(readKql("lib/coverage/queries/lifecycle.kql"));
  expect(sent.match(/^ *\| where OperationName in \(operations\)$/gm)).toHaveLength(2);
  expect(sent.match(/^ *Enabled = coalesce\(/gm)).toHaveLength(2);
});

test("without them it has neither", () => {
  const sent = withoutComments(readKql("lib/kql-parts/audit.kql"));
  expect(sent).not.toContain("Enabled");
  expect(sent).toMatch(/Target\);$/);
  expect(sent).not.toContain("//:");
});
