import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

/** Everything that `next build` makes the product from. */
const SOURCES = [
  "app",
  "components",
  "lib",
  "public",
  "proxy.ts",
  "instrumentation.ts",
  "next.config.mjs",
  "package-lock.json",
  "tsconfig.json",
];
const TEST_FILE = /\.test\.tsx?$/;

/** A digest of the sources of the build; tests do not count. */
export function sourceHash(root: string): string {
  const hash = createHash("sha256");
  for (const file of SOURCES.flatMap((name) => filesBelow(root, name)).sort()) {
    hash.update(`${file}\0`);
    hash.update(readFileSync(path.join(root, file)));
  }
  return hash.digest("hex");
}

function filesBelow(root: string, name: string): string[] {
  const full = path.join(root, name);
  if (!existsSync(full)) return [];
  if (statSync(full).isFile()) return TEST_FILE.test(name) ? [] : [name];
  return readdirSync(full).flatMap((entry) => filesBelow(root, `${name}/${entry}`));
}
