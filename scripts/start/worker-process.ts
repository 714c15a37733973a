import { startWorker } from "@/lib/worker";

/** The program of a worker's process, bundled by `npm run worker`. */
await startWorker();
