import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";

test("a PGlite whose commits do not reach the disk is refused", async () => {
  const source = readFileSync("lib/store/internal/pglite-worker.mjs", "utf8");
  // The hook is an internal of the WASM build: as if a new version had moved it.
  const broken = source.replace("module.NODEFS.stream_ops.fsync =", "module.NODEFS.stream_ops.fsyncElsewhere =");
  expect(broken).not.toBe(source);
  const folder = path.resolve(".test-data", `guard-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "worker.mjs"), broken);
  const template = path.resolve("node_modules/.cache/key-vault-honeytokens/pglite-0.5.16");
  const worker = new Worker(path.join(folder, "worker.mjs"), {
    workerData: { folder: path.join(folder, "db"), template },
  });
  const message = await new Promise((resolve) => worker.once("message", resolve));
  await worker.terminate();
  rmSync(folder, { recursive: true, force: true });
  expect(message).toMatchObject({ failed: { message: expect.stringContaining("does not sync") } });
}, 30_000);
