import http from "node:http";
import { nextArguments, nextEnvironment } from "./build";
import { type Child, startChild } from "./children";

/** What Next prints about itself at the start: our own lines say it once, and with the right address. */
const NEXT_GREETING =
  /^\s*$|^\s*▲ Next\.js|^\s*- (Local|Network|Environments|Experiments)\b|^\s*✓ (Starting|Ready|Running next\.config)|"next start" does not work with "output: standalone"/;

/** Work on thousands of vaults is mostly short-lived objects: in Node's own 16 MB collecting them takes a fifth of its time. */
const YOUNG_HEAP = "--max-semi-space-size=64";

export interface WebOptions {
  dev: boolean;
  port: number;
  host: string;
  env: NodeJS.ProcessEnv;
}

/** Starts the product's web process. */
export function startWeb({ dev, port, host, env }: WebOptions): Child {
  const show = (write: (line: string) => void) => (line: string) => {
    if (!NEXT_GREETING.test(line)) write(line);
  };
  return startChild("web server", nextArguments(dev ? "dev" : "start", "-p", String(port), "-H", host), {
    env: {
      ...nextEnvironment(env),
      PORT: String(port),
      // Our own handler closes the store and the jobs before the process ends.
      NEXT_MANUAL_SIG_HANDLE: "true",
      STOP_WITH_PARENT: "1",
      NODE_OPTIONS: [YOUNG_HEAP, env.NODE_OPTIONS].filter(Boolean).join(" "),
      // A terminal wants to hear of trouble only; who collects logs asks for more.
      LOG_LEVEL: env.LOG_LEVEL || "warn",
    },
    onLine: show((line) => console.log(line)),
    onErrorLine: show((line) => console.error(line)),
  });
}

/** Waits until the start page answers; throws when the process ends or takes too long. */
export async function untilItAnswers(
  child: Child,
  { host, port, origin, withinMs }: { host: string; port: number; origin: string; withinMs: number },
): Promise<void> {
  const deadline = Date.now() + withinMs;
  const address = ["0.0.0.0", "::"].includes(host) ? "127.0.0.1" : host;
  while (child.running()) {
    const status = await statusOf(address, port, new URL(origin).host);
    if (status !== undefined && status < 400) return;
    if (Date.now() > deadline) {
      throw new Error(
        `The web server did not answer in ${withinMs / 1000} seconds (last status: ${status ?? "none"}).\n${child.tail()}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function statusOf(address: string, port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = http.get({ host: address, port, path: "/", headers: { host }, timeout: 30_000, agent: false });
    request.on("response", (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(undefined));
  });
}
