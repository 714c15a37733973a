import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

/** File in the data folder that says how the running simulated tenant is reached; there while it runs. */
export const TENANT_NOTE = "tenant.json";

const Variables = z.record(z.string(), z.string());

/**
 * Leaves the variables of the simulated tenant for the workers beside this product, readable by this account alone:
 * they hold the key to its managed identities.
 *
 * @returns what takes the note away again
 */
export function noteTenant(dataDir: string, variables: Record<string, string>): () => void {
  const file = path.join(dataDir, TENANT_NOTE);
  rmSync(file, { force: true });
  writeFileSync(file, JSON.stringify(variables), { mode: 0o600 });
  return () => rmSync(file, { force: true });
}

/** What the note says; nothing when no product runs on this data folder. */
export function readTenantNote(dataDir: string): Record<string, string> {
  try {
    return Variables.parse(JSON.parse(readFileSync(path.join(dataDir, TENANT_NOTE), "utf8")));
  } catch {
    return {};
  }
}
