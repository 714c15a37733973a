import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

/** What the simulated tenant starts from: its bundle, and the folder with the product's rules. */
export interface SimulatorKit {
  file: string;
  rules: string;
}

const Note = z.object({ stamp: z.string(), file: z.string(), rules: z.string() });

/** What the two are made of. */
const SOURCES = ["simulator", "lib", "scripts/start", "package-lock.json", "tsconfig.json"];

/**
 * The bundle and the rules in `dist`, made anew only when a source has changed since: making them takes longer than the
 * start itself.
 */
export async function simulatorKit(root: string): Promise<SimulatorKit> {
  const dist = path.join(root, "dist");
  const file = path.join(dist, "simulator-kit.json");
  const stamp = stampOf(root);
  const known = readNote(file);
  if (known?.stamp === stamp && existsSync(known.file) && existsSync(known.rules)) return known;
  const { bundleSimulator } = await import("./bundle");
  const kit = { file: await bundleSimulator(root), rules: await writeRules(dist) };
  writeWhole(file, JSON.stringify({ stamp, ...kit }));
  return kit;
}

async function writeRules(dist: string): Promise<string> {
  const { ruleFiles } = await import("@/lib/detection/rule-export");
  const rules = ruleFiles();
  const hash = createHash("sha256").update(JSON.stringify(rules)).digest("hex").slice(0, 16);
  const folder = path.join(dist, `simulator-rules-${hash}`);
  mkdirSync(folder, { recursive: true });
  for (const { name, text } of rules) writeWhole(path.join(folder, name), text);
  return folder;
}

/** Nobody ever reads half of it. */
function writeWhole(file: string, text: string): void {
  const draft = `${file}.${process.pid}.draft`;
  writeFileSync(draft, text);
  renameSync(draft, file);
}

function readNote(file: string): z.infer<typeof Note> | undefined {
  try {
    return Note.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

/** Names, sizes and times of all sources: reading them would take longer. */
function stampOf(root: string): string {
  const hash = createHash("sha256");
  const add = (name: string) => {
    const full = path.join(root, name);
    const { size, mtimeMs } = statSync(full);
    hash.update(`${name}\0${size}\0${mtimeMs}\0`);
  };
  for (const name of SOURCES) {
    const full = path.join(root, name);
    if (statSync(full).isFile()) add(name);
    else for (const entry of filesBelow(full)) add(path.join(name, entry));
  }
  return hash.digest("hex");
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}
