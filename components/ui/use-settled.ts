"use client";
import { useEffect, useState } from "react";

/** `value` once it has not changed for `waitMs`; for what is asked of the server while somebody types. */
export function useSettled<T>(value: T, waitMs: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), waitMs);
    return () => clearTimeout(timer);
  }, [value, waitMs]);
  return settled;
}
