const NUMBER = new Intl.NumberFormat();

/** A count with the separators that people here are used to. */
export function formatNumber(count: number): string {
  return NUMBER.format(count);
}

/** "1 vault", "3,214 vaults". */
export function plural(count: number, word: string): string {
  return `${NUMBER.format(count)} ${word}${count === 1 ? "" : "s"}`;
}

/** "All 12 vaults", "3 vaults of 12": how many of a list's rows are shown. */
export function shownOf(shown: number, total: number, word: string): string {
  if (shown !== total) return `${plural(shown, word)} of ${formatNumber(total)}`;
  return total > 1 ? `All ${plural(total, word)}` : plural(total, word);
}
