import { expect, test, vi } from "vitest";
import { letPrologue } from "@/lib/azure/kql-literal.pure";
import { analyse } from "@/lib/detection/testing/parser";
import { readKql, withoutComments } from "@/lib/kql-files";
import { AlertColumns, IncidentColumns } from "./internal/shape";
import { SENTINEL_TABLES } from "./testing/sentinel-tables";

// The parser's first analysis takes one to four seconds, and more on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const PARAMETERS = letPrologue({ since: new Date(0), ruleIds: ["5c1f7a52-0f4e-4a0e-9d0b-7a3b1de5a6c1"] });
const query = (name: string) => withoutComments(readKql(`lib/incidents/queries/${name}.kql`));

test.each([
  ["incidents", IncidentColumns],
  ["alerts", AlertColumns],
])("Microsoft's parser has nothing against %s, and it returns every column that is read", (name, columns) => {
  const analysed = analyse(`${PARAMETERS}${query(name)}`, { tables: SENTINEL_TABLES });
  expect(analysed.problems).toEqual([]);
  expect(analysed.columns).toEqual(expect.arrayContaining(columns.keyof().options));
});

test.each(["incidents", "alerts"])(
  "%s says nothing of the titles of incidents and alerts when it chooses them",
  (name) => {
    const conditions = query(name)
      .split("\n")
      .filter((line) => /\bwhere\b/.test(line));
    expect(conditions.length).toBeGreaterThan(1);
    expect(conditions.filter((line) => /Title|DisplayName|AlertName/.test(line))).toEqual([]);
  },
);

test.each(["incidents", "alerts"])("%s does not stand without its parameters", (name) => {
  expect(analyse(query(name), { tables: SENTINEL_TABLES }).problems).not.toEqual([]);
});
