import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** How a child process came to its end. */
interface End {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A program that we started, and answer for until it is gone. */
export interface Child {
  name: string;
  ended: Promise<End>;
  running(): boolean;
  /** The last lines that it printed, for a person who wants to know why it stopped. */
  tail(): string;
  signal(signal: NodeJS.Signals): void;
}

export interface ChildOptions {
  env: NodeJS.ProcessEnv;
  /** Gets each line of standard output; left out, lines are only kept for `tail`. */
  onLine?: (line: string) => void;
  /** The same for standard error. */
  onErrorLine?: (line: string) => void;
}

const TAIL_LINES = 40;
const detached = process.platform !== "win32";

/**
 * Starts a Node program in a process group of its own: Ctrl-C reaches us alone, so that we decide the order of stopping,
 * and whatever the program starts itself goes with it. Its standard input closes when we die, however we die.
 */
export function startChild(name: string, args: readonly string[], options: ChildOptions): Child {
  const child = spawn(process.execPath, args, { env: options.env, detached, stdio: ["pipe", "pipe", "pipe"] });
  const lines: string[] = [];
  const keep = (line: string, show: ((line: string) => void) | undefined) => {
    lines.push(line);
    if (lines.length > TAIL_LINES) lines.shift();
    show?.(line);
  };
  createInterface({ input: child.stdout }).on("line", (line) => keep(line, options.onLine));
  createInterface({ input: child.stderr }).on("line", (line) => keep(line, options.onErrorLine));
  // A program that has gone away while we write to it is reported by its end, not here.
  child.stdin.on("error", () => {});
  let running = true;
  const ended = new Promise<End>((resolve) => {
    child.on("error", (error) => {
      lines.push(error.message);
      running = false;
      resolve({ code: 1, signal: null });
    });
    child.on("close", (code, signal) => {
      running = false;
      resolve({ code, signal });
    });
  });
  return {
    name,
    ended,
    running: () => running,
    tail: () => lines.join("\n"),
    signal: (signal) => signalGroup(child, signal),
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(detached ? -child.pid : child.pid, signal);
  } catch {
    // Gone already.
  }
}

/** Asks a child to end, and ends it after `graceMs` (also what it left behind in its group). */
export async function stopChild(child: Child, graceMs: number): Promise<void> {
  if (child.running()) child.signal("SIGTERM");
  const forced = setTimeout(() => child.signal("SIGKILL"), graceMs);
  await child.ended;
  clearTimeout(forced);
  if (detached) child.signal("SIGKILL");
}
