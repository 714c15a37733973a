import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

/** The folder of Microsoft's API descriptions, or why there is none to use. */
export type SpecFolder = { folder: string } | { skip: string } | { wrong: string };

/** One description file that holds operations. */
export interface SpecFile {
  /** Relative to the folder. */
  file: string;
  version: string;
  /** `GET /subscriptions/{subscriptionId}`. */
  operations: string[];
}

const VARIABLE = "AZURE_SPECS";
const METHODS = new Set(["get", "put", "post", "patch", "delete", "head"]);

/** Reads the setting: there is no default, since nobody is expected to have the descriptions. */
export function specFolder(named: string | undefined): SpecFolder {
  if (!named) return { skip: `${VARIABLE} is not set; it names a folder with Microsoft's azure-rest-api-specs.` };
  if (!existsSync(named) || !statSync(named).isDirectory()) return { skip: `${VARIABLE} names no folder.` };
  if (!existsSync(path.join(named, "specification", "keyvault"))) {
    return { wrong: `${VARIABLE} names a folder without specification/keyvault: it holds no API descriptions.` };
  }
  return { folder: named };
}

const Description = z.looseObject({
  info: z.object({ version: z.string() }).optional(),
  paths: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});

/**
 * Writes a stricter copy of every description into `target`: enumerations closed, so that an unknown value is a fault,
 * and examples left out, so that loading is quick. Answers the files that hold operations.
 */
export function closedCopy(folder: string, target: string): SpecFile[] {
  const found: SpecFile[] = [];
  for (const file of jsonFiles(path.join(folder, "specification"))) {
    const relative = path.relative(folder, file);
    const closed = close(JSON.parse(readFileSync(file, "utf8")));
    const copy = path.join(target, relative);
    mkdirSync(path.dirname(copy), { recursive: true });
    writeFileSync(copy, JSON.stringify(closed));
    const { info, paths = {} } = Description.parse(closed);
    const operations = Object.entries(paths).flatMap(([template, methods]) =>
      Object.keys(methods)
        .filter((method) => METHODS.has(method))
        .map((method) => `${method.toUpperCase()} ${template}`),
    );
    if (info && operations.length > 0) found.push({ file: relative, version: info.version, operations });
  }
  return found;
}

function jsonFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "examples" ? [] : jsonFiles(at);
    return entry.name.endsWith(".json") ? [at] : [];
  });
}

/** `x-ms-enum.modelAsString` tells the validator to let unknown values through; examples are files of their own. */
export function close(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(close);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== "x-ms-examples")
      .map(([name, part]) => [name, name === "modelAsString" ? false : close(part)]),
  );
}
