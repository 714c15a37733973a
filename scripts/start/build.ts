import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Child, startChild } from "./children";
import { sourceHash } from "./source-hash";

const NEXT = "node_modules/next/dist/bin/next";

/** What every Next program of ours runs with. NODE_ENV is Next's to choose. */
export function nextEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const changed: NodeJS.ProcessEnv = { ...env, NEXT_TELEMETRY_DISABLED: "1" };
  Reflect.deleteProperty(changed, "NODE_ENV");
  return changed;
}

/** The arguments of a Next program. */
export function nextArguments(...args: string[]): string[] {
  return [NEXT, ...args];
}

/** Whether the build on disk is of the present sources. */
export function buildIsFresh(root: string): boolean {
  const { noted, id } = files(root);
  return existsSync(id) && existsSync(noted) && readFileSync(noted, "utf8") === sourceHash(root);
}

/** Starts `next build`. When it has ended well, `noteBuild` says so for the next start. */
export function startBuild(root: string, onLine?: (line: string) => void): Child {
  rmSync(files(root).noted, { force: true });
  return startChild("build", nextArguments("build"), {
    env: nextEnvironment(process.env),
    ...(onLine && { onLine, onErrorLine: onLine }),
  });
}

/** Notes that the build on disk is of the sources with this digest, taken before the build began. */
export function noteBuild(root: string, hash: string): void {
  writeFileSync(files(root).noted, hash);
}

function files(root: string) {
  return { noted: path.join(root, ".next", "source-hash"), id: path.join(root, ".next", "BUILD_ID") };
}
