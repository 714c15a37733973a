import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

/* Below the width at which a list becomes cards its head is not shown, and each cell says itself what it is. */

const CARDS = /from ".*\/(list-table|plain-table)\.module\.css"/;
/** Their cells are told apart by their looks. */
const WITHOUT_LABELS = ["components/audit/audit-list.tsx"];

const files = readdirSync("components", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".tsx"))
  .map((file) => path.posix.join("components", file))
  .map((file) => ({ file, text: readFileSync(file, "utf8") }))
  .filter(({ file, text }) => CARDS.test(text) && text.includes("<td") && !WITHOUT_LABELS.includes(file));

test.each(files)("the cells of $file are labelled by the words of its head", ({ text }) => {
  const labels = [...text.matchAll(/data-label="([^"]+)"/g)].map(([, label]) => label);
  expect(labels.length).toBeGreaterThan(0);
  for (const label of labels) expect(text).toContain(`<th scope="col">${label}</th>`);
});
