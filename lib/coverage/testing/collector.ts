import "server-only";
import type { ServiceContext } from "@/lib/context";
import { anyOf } from "@/lib/store/jobs";
import { collect } from "../collector";

/** Collects in this process, without a job queue, until it is stopped. */
export function startCollector(service: ServiceContext): { stop(): Promise<void> } {
  const ending = new AbortController();
  // As the queue hands it over: with any number of listeners.
  const done = collect(service, anyOf(ending.signal));
  return {
    stop: async () => {
      ending.abort();
      await done;
    },
  };
}
