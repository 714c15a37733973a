import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { cleanEnvironment, freePort } from "../../e2e/harness/product";
import { buildIsFresh, noteBuild, startBuild } from "../../scripts/start/build";
import { stopChild } from "../../scripts/start/children";
import { sourceHash } from "../../scripts/start/source-hash";
import { startWeb, untilItAnswers } from "../../scripts/start/web";
import { type Usage, usageOf } from "./processes";

const LOOK_EVERY_MS = 2_000;
/** A page that does not answer for longer is a fault. */
const UNAVAILABLE_MAX_MS = 60_000;
/** The board of thousands of vaults is what weighs most; a person looks at it now and then. */
const BOARD_EVERY_MS = 20_000;
/** Next gives its process another name once it runs. */
const PROGRAMS = [/\bnext-server\b|next\/dist\/bin\/next/, /\bsimulator\/main\.ts\b/];

/** What was seen of the product's web process while it carried a deployment to its end. */
export interface Watched {
  /** Milliseconds since 1970 when the process was started. */
  startedAt: number;
  state: string;
  /** Resident memory of the process, MB, every two seconds. */
  memory: number[];
  /** Milliseconds that each answer took: the page of the deployment, and the board. */
  progress: number[];
  board: number[];
  /** Processor seconds that the product and the simulated tenant had used by then, every two seconds. */
  busy: { at: number; product: number; simulator: number }[];
}

export async function buildProduct(): Promise<void> {
  const root = process.cwd();
  if (buildIsFresh(root)) return;
  console.log("Building the product, since there is no build of the present sources.");
  const hash = sourceHash(root);
  const build = startBuild(root);
  const { code } = await build.ended;
  if (code !== 0) throw new Error(`The build failed.\n${build.tail()}`);
  noteBuild(root, hash);
}

const View = z.object({ state: z.string(), endedAt: z.string().nullable() });

/**
 * Starts the product's web process on a store that holds a confirmed deployment, as after a restart, and watches it until
 * the deployment has ended, asking for its page every two seconds and for the board every twenty, as people would.
 */
export async function watchProduct(
  variables: Record<string, string>,
  id: string,
  newToken: () => Promise<string>,
): Promise<Watched> {
  const port = await freePort();
  const startedAt = Date.now();
  const web = startWeb({
    dev: false,
    port,
    host: "127.0.0.1",
    env: { ...cleanEnvironment(), ...variables },
  });
  const origin = `http://localhost:${port}`;
  try {
    await untilItAnswers(web, { host: "127.0.0.1", port, origin, withinMs: 180_000 });
    const watched: Watched = { startedAt, state: "", memory: [], progress: [], board: [], busy: [] };
    let token = await newToken();
    const read = async (path: string, asked = performance.now()): Promise<{ ms: number; body: unknown }> => {
      const answer = await fetch(`${origin}${path}`, { headers: { authorization: `Bearer ${token}` } });
      const body: unknown = await answer.json();
      if (answer.status === 401) {
        token = await newToken();
        return read(path, asked);
      }
      // A person would try again, and waits for as long as that takes.
      if (answer.status === 503 && performance.now() - asked < UNAVAILABLE_MAX_MS) {
        await pause(LOOK_EVERY_MS);
        return read(path, asked);
      }
      if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(body)}`);
      return { ms: performance.now() - asked, body };
    };
    let boardAt = 0;
    for (;;) {
      if (!web.running()) throw new Error(`The product ended by itself.\n${web.tail()}`);
      const [product, simulator] = await usageOf(...PROGRAMS);
      note(watched, product, simulator);
      const { ms, body } = await read(`/api/deployments/${id}`);
      watched.progress.push(ms);
      const { state, endedAt } = View.parse(body);
      watched.state = state;
      if (endedAt !== null) return watched;
      if (Date.now() - boardAt > BOARD_EVERY_MS) {
        boardAt = Date.now();
        watched.board.push((await read("/api/vaults")).ms);
      }
      await pause(LOOK_EVERY_MS);
    }
  } finally {
    await stopChild(web, 10_000);
  }
}

function note(watched: Watched, product: Usage | undefined, simulator: Usage | undefined): void {
  watched.memory.push(product?.memory ?? 0);
  watched.busy.push({ at: Date.now(), product: product?.busy ?? 0, simulator: simulator?.busy ?? 0 });
}
