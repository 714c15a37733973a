import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { ACTIONS, actionWords } from "./actions.pure";

/** How an action stands in the code that writes it: as a property, a constant, or an argument of what writes rows. */
const WRITTEN =
  /(?:action: |ACTION = |action = [^;]*?|(?:auditOf|keep|change|changeIn|launch)\([^;]*?)"([a-z_]+\.[a-zA-Z_.]+)"/g;

/** Those of functions that are told it under another name, or put it together. */
const TOLD = ["deployment.start", "register.remove", "register.restore", "alert_exception.publish"];
const PUT_TOGETHER = /^(?:exclusion|exemption|incident\.step)\./;

function actionsInCode(): string[] {
  const files = readdirSync("lib", { recursive: true, encoding: "utf8" });
  const sources = files.filter((file) => file.endsWith(".ts") && !/\.test\.ts$|testing\//.test(file));
  const found = sources.flatMap((file) => {
    const text = readFileSync(path.join("lib", file), "utf8");
    return [...text.matchAll(WRITTEN)].flatMap(([, action]) => action ?? []);
  });
  return [...new Set([...found, ...TOLD])].sort();
}

test("every action that the code writes has words, and no other", () => {
  const written = actionsInCode();
  expect(written.length).toBeGreaterThan(50);
  expect(written.filter((action) => actionWords(action) === undefined)).toEqual([]);
  const unwritten = ACTIONS.filter((action) => !PUT_TOGETHER.test(action) && !written.includes(action));
  expect(unwritten).toEqual([]);
});

test("what is no action has no words", () => {
  expect(actionWords("constructor")).toBeUndefined();
  expect(actionWords("grant.give")).toBe("Give a right");
});
