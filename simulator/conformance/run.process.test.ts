import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const empty = mkdtempSync(path.join(tmpdir(), "kvh-no-specs-"));
afterAll(() => rmSync(empty, { recursive: true, force: true }));

/** The command with AZURE_SPECS set to this, or not at all. */
function run(specs: string | undefined, ...flags: string[]) {
  const { AZURE_SPECS: _, ...environment } = process.env;
  const program = ["--import", "tsx", "--conditions=react-server", "simulator/conformance/run.ts", ...flags];
  return spawnSync(process.execPath, program, {
    encoding: "utf8",
    env: { ...environment, ...(specs !== undefined && { AZURE_SPECS: specs }) },
  });
}

describe("the command", () => {
  test("without descriptions says in one line that it skipped, and why", () => {
    for (const specs of [undefined, path.join(empty, "none")]) {
      const { status, stdout } = run(specs);
      expect(status).toBe(0);
      expect(stdout).toMatch(/^Conformance was skipped: AZURE_SPECS .+\n$/);
    }
    expect(JSON.parse(run(undefined, "--json").stdout)).toEqual({ skipped: expect.stringContaining("AZURE_SPECS") });
  });

  test("a folder without descriptions and a wrong flag are wrong use", () => {
    expect(run(empty)).toMatchObject({ status: 2, stderr: expect.stringContaining("no API descriptions") });
    expect(run(undefined, "--sed", "1")).toMatchObject({ status: 2, stderr: expect.stringContaining("--sed") });
  });
});
