import { existsSync } from "node:fs";
import path from "node:path";
import { loadEnvFile } from "node:process";

/** Reads `.env.local` and `.env` as Next does; what is set already stays, and the first file wins. */
export function readEnvironmentFiles(root: string): void {
  for (const name of [".env.local", ".env"]) {
    const file = path.join(root, name);
    if (existsSync(file)) loadEnvFile(file);
  }
}
