"use client";
import { useSyncExternalStore } from "react";

// The same width as in the style sheets.
const NARROW = "(max-width: 899px)";

let query: MediaQueryList | undefined;
const narrow = (): MediaQueryList => {
  query ??= matchMedia(NARROW);
  return query;
};

function subscribe(changed: () => void): () => void {
  narrow().addEventListener("change", changed);
  return () => narrow().removeEventListener("change", changed);
}

/** The window is too narrow for columns, so rows are cards. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => narrow().matches,
    () => false,
  );
}
