"use client";
import { useEffect, useState } from "react";
import { bothTimes } from "@/components/ui/age";

const STEP_MS = 5_000;

/** "updated 5 s ago": moves every five seconds while the page can be seen. Keyed by `at`, so that it begins anew with it. */
export function UpdatedAgo({ at }: { at: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setNow(Date.now());
    }, STEP_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={at} title={bothTimes(at)}>
      updated {words(Math.max(0, now - Date.parse(at)))}
    </time>
  );
}

function words(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 3) return "just now";
  if (seconds < 120) return `${seconds} s ago`;
  return `${Math.floor(seconds / 60)} min ago`;
}
