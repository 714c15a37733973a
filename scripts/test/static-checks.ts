import { checkLayer, type LayerResult } from "./layers";

const bin = (name: string, file: string) => `node_modules/${name}/${file}`;

/** Types, format and lint with the import rules, dead code, and the ratchet: seconds, not minutes. */
export async function staticChecks(): Promise<LayerResult[]> {
  return [
    await checkLayer("types", process.execPath, [bin("typescript", "bin/tsc"), "-p", ".", "--noEmit"]),
    await checkLayer("lint and import rules", process.execPath, [
      bin("@biomejs/biome", "bin/biome"),
      "check",
      "--error-on-warnings",
      ".",
    ]),
    await checkLayer("dead code", process.execPath, [bin("knip", "bin/knip.js")]),
    await checkLayer("ratchet", process.execPath, [bin("tsx", "dist/cli.mjs"), "scripts/ratchet.ts"]),
  ];
}
