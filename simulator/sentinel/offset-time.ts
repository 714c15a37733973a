/** Watchlists and bookmarks write their times with an offset, unlike the rest of Sentinel. */
export function offsetTime(at: number): string {
  return new Date(at).toISOString().replace("Z", "0000+00:00");
}
