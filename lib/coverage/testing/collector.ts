import "server-only";
import type { ServiceContext } from "@/lib/context";
import { collect } from "../collector";

/** Collects in this process, without a job queue, until it is stopped. */
export function startCollector(service: ServiceContext): { stop(): Promise<void> } {
  const ending = new AbortController();
  const done = collect(service, ending.signal);
  return {
    stop: async () => {
      ending.abort();
      await done;
    },
  };
}
