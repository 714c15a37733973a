import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Child, startChild, stopChild } from "./children";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "kvh-child-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A busy machine takes its time to start a program. */
const SOON = { timeout: 30_000 };

const env: NodeJS.ProcessEnv = { ...process.env };
function program(name: string, text: string, onLine?: (line: string) => void): Child {
  const file = path.join(folder, `${name}.mjs`);
  writeFileSync(file, text);
  return startChild(name, [file], { env, ...(onLine && { onLine }) });
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test("a child is asked to end, and its way of ending is told", async () => {
  const ready = vi.fn();
  const child = program(
    "polite",
    "process.on('SIGTERM', () => process.exit(7)); console.log('up'); setInterval(() => {}, 1000)",
    ready,
  );
  await vi.waitFor(() => expect(ready).toHaveBeenCalledWith("up"), SOON);
  await stopChild(child, 5_000);
  expect(await child.ended).toEqual({ code: 7, signal: null });
  expect(child.running()).toBe(false);
});

test("a child that does not listen is ended all the same", async () => {
  const ready = vi.fn();
  const child = program(
    "deaf",
    "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)",
    ready,
  );
  await vi.waitFor(() => expect(ready).toHaveBeenCalled(), SOON);
  await stopChild(child, 200);
  expect(await child.ended).toEqual({ code: null, signal: "SIGKILL" });
});

test("what a child started itself goes with it", async () => {
  const pids = path.join(folder, "pid");
  const child = program(
    "parent",
    `import { spawn } from "node:child_process"; import { writeFileSync } from "node:fs";
     const grandchild = spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], { stdio: "ignore" });
     writeFileSync(${JSON.stringify(pids)}, String(grandchild.pid));
     setTimeout(() => console.log("up"), 200); process.on("SIGTERM", () => process.exit(0)); setInterval(() => {}, 1000)`,
  );
  await vi.waitFor(() => expect(child.tail()).toContain("up"), SOON);
  const grandchild = Number(readFileSync(pids, "utf8"));
  expect(isAlive(grandchild)).toBe(true);
  await stopChild(child, 5_000);
  await vi.waitFor(() => expect(isAlive(grandchild)).toBe(false), SOON);
});

test("the last lines of both outputs are kept, and no more", async () => {
  const child = program("talker", "for (let i = 0; i < 100; i++) console.log('line ' + i); console.error('why')");
  await child.ended;
  expect(child.tail()).toContain("why");
  expect(child.tail()).toContain("line 99");
  expect(child.tail()).not.toContain("line 1\n");
  expect(child.tail().split("\n").length).toBeLessThanOrEqual(40);
});

test("a program that cannot be run ends with a code instead of an exception", async () => {
  const child = startChild("missing", [path.join(folder, "missing.mjs")], { env });
  expect((await child.ended).code).toBe(1);
  await stopChild(child, 100);
});
