import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readEnvironmentFiles } from "./environment-files";

let root = "";
const names = ["KVH_TEST_A", "KVH_TEST_B", "KVH_TEST_C"];
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "kvh-env-"));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
  for (const name of names) Reflect.deleteProperty(process.env, name);
});

test("what is set stays, then .env.local, then .env", () => {
  process.env.KVH_TEST_A = "set";
  writeFileSync(path.join(root, ".env.local"), "KVH_TEST_A=local\nKVH_TEST_B=local\n");
  writeFileSync(path.join(root, ".env"), "KVH_TEST_B=shared\nKVH_TEST_C=shared\n");
  readEnvironmentFiles(root);
  expect(names.map((name) => process.env[name])).toEqual(["set", "local", "shared"]);
});

test("no files are no trouble", () => {
  expect(() => readEnvironmentFiles(root)).not.toThrow();
});
