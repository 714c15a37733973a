import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { type BuildOptions, build } from "esbuild";
import { afterAll, describe, expect, it } from "vitest";

const run = promisify(execFile);
const folder = mkdtempSync(path.join(tmpdir(), "kql-bundle-"));
const here = import.meta.dirname;

const PROGRAM = `
import { KqlEngine } from ${JSON.stringify(path.join(here, "engine.ts"))};
async function main() {
  const engine = new KqlEngine();
  const empty = { table: () => undefined, tableNames: () => [], schemaOf: () => undefined, functions: {} };
  const { rows, stats } = await engine.query("print x = strcat('a', 1 + 1), y = ago(1h)", empty, { now: 3_600_000 });
  process.stdout.write(JSON.stringify({ rows, plan: stats.plan }));
}
void main();
`;

const ANSWER = { rows: [["a2", 0]], plan: "parser" };

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the engine as a program", () => {
  it("runs from source under tsx, and ends by itself", async () => {
    const program = path.join(folder, "program.mts");
    writeFileSync(program, PROGRAM);
    const { stdout } = await run(process.execPath, ["--import", "tsx", program], { cwd: process.cwd() });
    expect(JSON.parse(stdout)).toEqual(ANSWER);
  });

  it("runs bundled into one file, with the parser's thread in a file beside it", async () => {
    const program = path.join(folder, "bundled.ts");
    writeFileSync(program, PROGRAM);
    const common: BuildOptions = {
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      nodePaths: [path.join(process.cwd(), "node_modules")],
    };
    await build({ ...common, entryPoints: [program], outfile: path.join(folder, "main.mjs") });
    const worker = path.join(here, "parser/worker.ts");
    await build({ ...common, entryPoints: [worker], outfile: path.join(folder, "kql-parser-worker.mjs") });
    const { stdout } = await run(process.execPath, [path.join(folder, "main.mjs")], { cwd: folder });
    expect(JSON.parse(stdout)).toEqual(ANSWER);
  });
});
