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
  /** What failed, by its whole name, for the end of a long run. */
  failures?: string[];
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
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
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

function readReport(file: string): Pick<LayerResult, "passed" | "failed" | "skipped"> & { failures: string[] } {
  try {
    const report = Report.parse(JSON.parse(readFileSync(file, "utf8")));
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      skipped: report.numPendingTests,
      failures: report.testResults.flatMap(failuresOf),
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0, failures: [] };
  }
}

/** The failed tests of one file; the file itself where it failed without one, as when it does not load. */
function failuresOf({ name, status, assertionResults }: z.infer<typeof Report>["testResults"][number]): string[] {
  const file = path.relative(process.cwd(), name);
  const failed = assertionResults.filter((result) => result.status === "failed");
  if (failed.length === 0) return status === "failed" ? [file] : [];
  return failed.map(({ fullName }) => `${file}: ${fullName}`);
}

const Conformance = z.union([
  z.object({ skipped: z.string() }),
  z.object({ routes: z.number(), open: z.array(z.unknown()), unused: z.array(z.unknown()) }),
]);

/**
 * The simulated tenant against Microsoft's API descriptions: a route that is driven and conforms counts as one passed,
 * a finding as one failed. Skipped, with its reason shown, where AZURE_SPECS names no folder of descriptions.
 */
export async function conformanceLayer(name: string): Promise<LayerResult> {
  const start = performance.now();
  const folder = mkdtempSync(path.join(tmpdir(), "kvh-conformance-"));
  const report = path.join(folder, "report.json");
  const program = ["node_modules/tsx/dist/cli.mjs", "--conditions=react-server", "simulator/conformance/run.ts"];
  const code = await run(process.execPath, [...program, "--report", report]);
  const counts = readConformance(report, code);
  rmSync(folder, { recursive: true, force: true });
  return { name, ...counts, seconds: secondsSince(start) };
}

function readConformance(file: string, code: number): Pick<LayerResult, "passed" | "failed" | "skipped"> {
  try {
    const report = Conformance.parse(JSON.parse(readFileSync(file, "utf8")));
    if ("skipped" in report) return { passed: 0, failed: code === 0 ? 0 : 1, skipped: 1 };
    const found = report.open.length + report.unused.length;
    return { passed: report.routes, failed: found > 0 || code === 0 ? found : 1, skipped: 0 };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function secondsSince(start: number): number {
  return Math.round((performance.now() - start) / 100) / 10;
}
