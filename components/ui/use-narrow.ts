"use client";
import { useSyncExternalStore } from "react";

// The same width as in the style sheets.
const NARROW = "(max-width: 899px)";

function subscribe(changed: () => void): () => void {
  const query = matchMedia(NARROW);
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}

/** The window is too narrow for columns, so rows are cards. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => matchMedia(NARROW).matches,
    () => false,
  );
}
