"use client";
import { memo, useSyncExternalStore } from "react";

const TICK_MS = 15_000;

/** The present time, milliseconds, the same for a whole page and moving every 15 s; 0 on the server. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, readNow, () => 0);
}

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();
const readNow = (): number => now;

function tick(): void {
  now = Date.now();
  for (const changed of listeners) changed();
}

// One timer for the page, however many ages it shows.
function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  timer ??= setInterval(tick, TICK_MS);
  return () => {
    listeners.delete(changed);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

const UNITS = [
  { word: "day", seconds: 86_400 },
  { word: "h", seconds: 3_600 },
  { word: "min", seconds: 60 },
] as const;

/** How long ago `iso` was, in words: "just now", "4 min ago", "2 days ago". Times to come count as now. */
export function ageOf(iso: string, nowMs: number): string {
  const seconds = Math.round((nowMs - Date.parse(iso)) / 1000);
  for (const unit of UNITS) {
    const count = Math.floor(seconds / unit.seconds);
    if (count >= 1) return `${count} ${unit.word}${unit.word === "day" && count > 1 ? "s" : ""} ago`;
  }
  return "just now";
}

const LOCAL = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** Local time in full, and UTC for whoever compares it with a log. */
export function bothTimes(iso: string): string {
  return `${LOCAL.format(new Date(iso))}\n${new Date(iso)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, "")} UTC`;
}

/** A moment as its age; the local time and UTC on hover. */
export const Age = memo(function Age({ at, never = "never" }: { at: string | null; never?: string }) {
  const nowMs = useNow();
  if (at === null) return <span>{never}</span>;
  return (
    <time dateTime={at} title={bothTimes(at)}>
      {ageOf(at, nowMs)}
    </time>
  );
});

const SHORT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

/** A moment as local date and time to the second, with its zone, beside which others are compared; UTC on hover. */
export function ExactTime({ at }: { at: string }) {
  return (
    <time dateTime={at} title={bothTimes(at)}>
      {EXACT.format(new Date(at))}
    </time>
  );
}

/** A moment as local date and time; UTC on hover. */
export function LocalTime({ at }: { at: string }) {
  return (
    <time dateTime={at} title={bothTimes(at)}>
      {SHORT.format(new Date(at))}
    </time>
  );
}
