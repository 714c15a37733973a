import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";

/**
 * Lays each import out in a scratch tree under the project's own rules, lints it once, and tells which
 * files an import rule reported.
 */
function forbiddenIn(cases: readonly [file: string, specifier: string][]): Set<number> {
  const folder = mkdtempSync(path.join(tmpdir(), "kvh-rules-"));
  const rules = z.looseObject({}).parse(JSON.parse(readFileSync("biome.json", "utf8")));
  writeFileSync(
    path.join(folder, "biome.json"),
    JSON.stringify({ ...rules, vcs: { enabled: false }, $schema: undefined }),
  );
  for (const [index, [file, specifier]] of cases.entries()) {
    const { dir, name, ext } = path.parse(file);
    mkdirSync(path.join(folder, dir), { recursive: true });
    const [stem, ...suffix] = name.split(".");
    const target = path.join(folder, dir, [`${stem}-case${index}`, ...suffix].join(".") + ext);
    writeFileSync(target, `import { thing } from "${specifier}";\nexport const other = thing;\n`);
  }
  const { stdout } = spawnSync(
    process.execPath,
    [
      path.resolve("node_modules/@biomejs/biome/bin/biome"),
      "lint",
      "--only=style/noRestrictedImports",
      "--reporter=json",
      "--max-diagnostics=none",
      ".",
    ],
    { cwd: folder, encoding: "utf8" },
  );
  rmSync(folder, { recursive: true, force: true });
  const reported = stdout.matchAll(/-case(\d+)\b/g);
  return new Set([...reported].map(([, index]) => Number(index)));
}

const FORBIDDEN: [file: string, specifier: string][] = [
  ["components/vaults/row.tsx", "@/lib/store/open"],
  ["components/vaults/row.tsx", "@/lib/azure/vaults"],
  ["components/vaults/row.tsx", "@/app/providers"],
  ["components/vaults/row.tsx", "../../simulator/http"],
  ["components/vaults/row.tsx", "@azure/identity"],
  ["app/vaults/page.tsx", "@azure/arm-keyvault"],
  ["app/vaults/page.tsx", "@/lib/deployments/internal/plan"],
  ["app/vaults/page.tsx", "../../simulator/http"],
  ["lib/coverage/board.ts", "@/lib/auth/with-user"],
  ["lib/coverage/board.ts", "@azure/arm-keyvault"],
  ["lib/coverage/board.ts", "@/app/providers"],
  ["lib/coverage/board.ts", "react"],
  ["lib/coverage/board.ts", "next/headers"],
  ["lib/coverage/board.ts", "../../simulator/http"],
  ["lib/coverage/board.ts", "@/lib/deployments/internal/plan"],
  ["lib/coverage/state.pure.ts", "@/lib/azure/logs"],
  ["lib/coverage/state.pure.ts", "./board"],
  ["lib/coverage/state.pure.ts", "node:fs"],
  ["lib/decoys/names.ts", "node:fs"],
  ["lib/decoys/names.ts", "@/lib/store/open"],
  ["lib/detection/severity.ts", "node:fs"],
  ["lib/azure/vaults.ts", "react"],
  ["simulator/arm/vaults.ts", "@/lib/config"],
  ["simulator/arm/vaults.ts", "../../lib/config"],
  ["simulator/arm/vaults.ts", "@azure/arm-keyvault"],
  ["simulator/conformance/drive/vaults.ts", "@/lib/azure/vaults"],
  ["simulator/loganalytics/kql/engine.ts", "../workspace"],
  ["simulator/loganalytics/kql/engine.ts", "../../model"],
  ["scripts/start.ts", "../simulator/main"],
  ["e2e/sign-in.browser.test.ts", "../simulator/http"],
];

const ALLOWED: [file: string, specifier: string][] = [
  ["components/vaults/row.tsx", "@/lib/coverage/board.pure"],
  ["components/vaults/row.tsx", "@azure/msal-react"],
  ["app/vaults/page.tsx", "@/components/vaults/board"],
  ["app/vaults/page.tsx", "@/lib/coverage/board"],
  ["lib/coverage/board.ts", "@/lib/azure/logs"],
  ["lib/coverage/board.ts", "@/lib/store/facts"],
  ["lib/coverage/state.pure.ts", "./facts.pure"],
  ["lib/coverage/state.pure.ts", "zod"],
  ["lib/decoys/names.ts", "./grammar"],
  ["lib/azure/vaults.ts", "@azure/arm-keyvault"],
  ["simulator/conformance/clients.ts", "@azure/arm-keyvault"],
  ["simulator/loganalytics/kql/engine.ts", "./types"],
];

describe("the import rules of the house", () => {
  const forbidden = forbiddenIn([...FORBIDDEN, ...ALLOWED]);

  test.each(FORBIDDEN.map((pair, index) => [...pair, index] as const))(
    "%s may not import %s",
    (_file, _specifier, index) => {
      expect(forbidden.has(index)).toBe(true);
    },
  );

  test.each(ALLOWED.map((pair, index) => [...pair, index] as const))("%s may import %s", (_file, _specifier, index) => {
    expect(forbidden.has(FORBIDDEN.length + index)).toBe(false);
  });
});
