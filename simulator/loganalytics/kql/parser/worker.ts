import { parentPort } from "node:worker_threads";
import { analyse } from "./analyse";
import type { ParseRequest } from "./protocol";

/*
 * Entry of the parser's thread. From source it is started through `worker-source.cjs`; a bundle puts this file beside
 * the main file as `kql-parser-worker.mjs` (see `client.ts`).
 */
parentPort?.on("message", (request: ParseRequest) => {
  parentPort?.postMessage(analyse(request));
});
