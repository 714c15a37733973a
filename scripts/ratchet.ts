import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";

/**
 * Counts the ways round the type checker and the linter. The counts in `scripts/ratchet.json` may only go down:
 * more is a failure, fewer is written back (commit it).
 */
const PATTERNS: Record<string, RegExp> = {
  casts: /\bas (?!const\b)[A-Za-z_{[(]/g,
  "double casts": /\bas unknown as\b/g,
  "lint exceptions": /biome-ignore/g,
  "type exceptions": /@ts-(?:ignore|expect-error|nocheck)/g,
};

const FILE = "scripts/ratchet.json";

function sourceFiles(): string[] {
  const listed = existsSync(".git")
    ? execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts", "*.tsx"], {
        encoding: "utf8",
      })
    : execFileSync("find", [".", "-name", "*.ts*", "-not", "-path", "./node_modules/*", "-not", "-path", "./.next/*"], {
        encoding: "utf8",
      });
  return listed
    .split("\n")
    .filter((file) => file !== "" && file !== "scripts/ratchet.ts" && !/\.test\.tsx?$/.test(file) && existsSync(file));
}

function count(): Record<string, number> {
  const counts = Object.fromEntries(Object.keys(PATTERNS).map((name) => [name, 0]));
  for (const file of sourceFiles()) {
    const code = readFileSync(file, "utf8")
      .split("\n")
      // "import x as y" renames and prose in comments are not casts.
      .filter((line) => !/^\s*(?:\*|\/\/|\/\*|import\b|export \{)/.test(line) || /biome-ignore|@ts-/.test(line))
      .map(withoutTexts)
      .join("\n")
      // What is left of backticks stands over several lines, as queries do.
      .replace(/`[^`]*`/g, '""');
    for (const [name, pattern] of Object.entries(PATTERNS))
      counts[name] = (counts[name] ?? 0) + [...code.matchAll(pattern)].length;
  }
  return counts;
}

/** A line without what stands in quotation marks: prose and queries say "as" too. Comments stay, for the other counts. */
function withoutTexts(line: string): string {
  return line.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`/g, '""');
}

const now = count();
const before = existsSync(FILE) ? z.record(z.string(), z.number()).parse(JSON.parse(readFileSync(FILE, "utf8"))) : now;
const risen = Object.keys(PATTERNS).filter((name) => (now[name] ?? 0) > (before[name] ?? 0));
for (const name of risen)
  console.error(`${name}: ${now[name]}, but at most ${before[name]} are allowed. Parse or narrow instead.`);
if (risen.length > 0) process.exit(1);
if (JSON.stringify(now) !== JSON.stringify(before) || !existsSync(FILE))
  writeFileSync(FILE, `${JSON.stringify(now, null, 2)}\n`);
console.log(
  Object.entries(now)
    .map(([name, value]) => `${name} ${value}`)
    .join(", "),
);
