import "server-only";
import { sql } from "kysely";
import { azureAnswers } from "@/lib/azure/reachable";
import { log } from "@/lib/log";
import { type Runtime, runtime } from "@/lib/runtime";
import { livingWorkers } from "@/lib/store/jobs";
import { type Part, type Readiness, readinessOf } from "./readiness.pure";

/** Whoever asks without signing in must not be able to make us ask others any faster. */
const KEPT_MS = 10_000;
const WITHIN_MS = 5_000;

let kept: { at: number; answer: Promise<Readiness> } | undefined;

/**
 * Whether this process can do its work: its store, a worker for the jobs, and Azure. Fixed sentences only, since nobody
 * has signed in who asks. Kept for ten seconds.
 */
export function readReadiness(): Promise<Readiness> {
  const now = Date.now();
  if (!kept || now - kept.at > KEPT_MS) kept = { at: now, answer: look() };
  return kept.answer;
}

async function look(): Promise<Readiness> {
  let product: Runtime;
  try {
    product = await within(runtime());
  } catch (error) {
    log.warn({ err: error }, "not ready: the store could not be opened");
    return readinessOf([{ name: "store", ok: false, detail: "The store could not be opened." }]);
  }
  const { store } = product;
  const parts = await Promise.all([
    part("store", "The store answers.", "The store does not answer.", async () => {
      await sql`select 1`.execute(product.db);
      return true;
    }),
    // The process that owns an embedded store does the jobs itself, or it would not have started.
    part("worker", "The jobs are worked on.", "No process works on the jobs.", async () =>
      product.config.runJobs || store.kind === "embedded" ? true : (await livingWorkers(store)) > 0,
    ),
    part("azure", "Azure answers.", "Azure does not answer.", () =>
      azureAnswers(product.service.azure.collector, WITHIN_MS),
    ),
  ]);
  return readinessOf(parts);
}

async function part(name: Part["name"], good: string, bad: string, ask: () => Promise<boolean>): Promise<Part> {
  try {
    const ok = await within(ask());
    return { name, ok, detail: ok ? good : bad };
  } catch (error) {
    log.warn({ err: error, part: name }, "a part of the product is not ready");
    return { name, ok: false, detail: bad };
  }
}

async function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("It took too long.")), WITHIN_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
