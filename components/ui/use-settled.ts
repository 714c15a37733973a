"use client";
import { useEffect, useState } from "react";

/** `value` once it has stayed the same for `ms` milliseconds: what is being typed is not asked for letter by letter. */
export function useSettled<T>(value: T, ms = 300): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
