const NUMBER = new Intl.NumberFormat();

/** A count with the separators that people here are used to. */
export function formatNumber(count: number): string {
  return NUMBER.format(count);
}

/** "1 vault", "3,214 vaults". */
export function plural(count: number, word: string): string {
  return `${NUMBER.format(count)} ${word}${count === 1 ? "" : "s"}`;
}
