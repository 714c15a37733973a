import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { buildIsFresh, noteBuild } from "./build";
import { sourceHash } from "./source-hash";

let root = "";
const write = (file: string, text: string) => {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
};
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "kvh-hash-"));
  write("app/page.tsx", "1");
  write("lib/detection/rules/touched.kql", "rule");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test.each([
  ["a changed page", "app/page.tsx"],
  ["a changed query, which the build includes", "lib/detection/rules/touched.kql"],
  ["a new file", "components/new.tsx"],
  ["another dependency", "package-lock.json"],
  ["another Next configuration", "next.config.mjs"],
])("%s makes another build necessary", (_, file) => {
  const before = sourceHash(root);
  write(file, "2");
  expect(sourceHash(root)).not.toBe(before);
});

test.each(["app/page.test.tsx", "lib/log.test.ts", "simulator/main.ts", "README.md", ".next/BUILD_ID"])(
  "%s does not",
  (file) => {
    const before = sourceHash(root);
    write(file, "2");
    expect(sourceHash(root)).toBe(before);
  },
);

test("moving text from one file to another counts", () => {
  write("app/a.ts", "x");
  write("app/b.ts", "");
  const before = sourceHash(root);
  write("app/a.ts", "");
  write("app/b.ts", "x");
  expect(sourceHash(root)).not.toBe(before);
});

test("a build counts only when it was finished, of these sources", () => {
  expect(buildIsFresh(root)).toBe(false);
  write(".next/BUILD_ID", "b1");
  expect(buildIsFresh(root)).toBe(false);
  noteBuild(root, sourceHash(root));
  expect(buildIsFresh(root)).toBe(true);
  write("app/page.tsx", "2");
  expect(buildIsFresh(root)).toBe(false);
});
