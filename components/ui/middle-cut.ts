/**
 * At most `max` characters of a text, the middle left out where it is longer: names of one kind, as those of an estate's
 * vaults, begin alike and differ at their end.
 */
export function middleCut(text: string, max: number): string {
  const characters = [...text];
  if (characters.length <= max) return text;
  const end = Math.ceil((max - 1) / 2);
  return `${characters.slice(0, max - 1 - end).join("")}…${characters.slice(-end).join("")}`;
}
