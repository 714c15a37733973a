import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";

/** What one layer of the checks came to. A check without tests of its own counts as one. */
export interface LayerResult {
  name: string;
  passed: number;
  failed: number;
  skipped: number;
  seconds: number;
}

/** Runs a command with its output shown; resolves with the exit code (1 when it was ended by a signal). */
function run(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, ...env } });
    child.on("error", () => resolve(1));
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

/** A layer that either holds or does not: types, lint, dead code, build. */
export async function checkLayer(name: string, command: string, args: readonly string[]): Promise<LayerResult> {
  const start = performance.now();
  const code = await run(command, args);
  return { name, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0, seconds: secondsSince(start) };
}

const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  success: z.boolean(),
});

/** One or more Vitest projects. A run that fails without a failed test (a file that does not load) counts one failure. */
export async function vitestLayer(
  name: string,
  projects: readonly string[],
  env: Record<string, string> = {},
): Promise<LayerResult> {
  const start = performance.now();
  const folder = mkdtempSync(path.join(tmpdir(), "kvh-vitest-"));
  const report = path.join(folder, "report.json");
  const code = await run(
    process.execPath,
    [
      "node_modules/vitest/vitest.mjs",
      "run",
      ...projects.flatMap((project) => ["--project", project]),
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
    ],
    env,
  );
  const counts = readReport(report);
  rmSync(folder, { recursive: true, force: true });
  const failed = counts.failed > 0 || code === 0 ? counts.failed : 1;
  return { name, ...counts, failed, seconds: secondsSince(start) };
}

function readReport(file: string): { passed: number; failed: number; skipped: number } {
  try {
    const report = Report.parse(JSON.parse(readFileSync(file, "utf8")));
    return { passed: report.numPassedTests, failed: report.numFailedTests, skipped: report.numPendingTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function secondsSince(start: number): number {
  return Math.round((performance.now() - start) / 100) / 10;
}
