"use client";
import { defaultRangeExtractor, type Range } from "@tanstack/react-virtual";
import { type FocusEvent, useCallback, useState } from "react";

/** Keeps the row that has the focus in the page while it is scrolled out of sight, so that the focus is not lost. */
export function useFocusedRow() {
  const [focused, setFocused] = useState<number | null>(null);
  const onFocus = useCallback((event: FocusEvent) => {
    const row = event.target.closest("[aria-rowindex]");
    // Row 1 is the head.
    setFocused(row ? Number(row.getAttribute("aria-rowindex")) - 2 : null);
  }, []);
  const onBlur = useCallback(() => setFocused(null), []);
  const rangeExtractor = useCallback(
    (range: Range) => {
      const indexes = defaultRangeExtractor(range);
      if (focused === null || focused >= range.count || indexes.includes(focused)) return indexes;
      return [...indexes, focused].sort((a, b) => a - b);
    },
    [focused],
  );
  return { onFocus, onBlur, rangeExtractor };
}
