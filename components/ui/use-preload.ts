import { useEffect } from "react";

/** Loads what a page draws only once it has an answer, while it asks. Where that fails, drawing tries again and says so. */
export function usePreload(load: () => Promise<unknown>): void {
  useEffect(() => {
    load().catch(() => {});
  }, [load]);
}
