/** Lower case without hyphens: two names that differ only there are read as one by people, and by some loaders. */
export function squeeze(name: string): string {
  return name.toLowerCase().replaceAll("-", "");
}

/**
 * Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string alignment), or
 * `limit + 1` when more than `limit` are needed. Linear memory; names have at most 127 characters.
 */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(at(previous, j) + 1, at(current, j - 1) + 1, at(previous, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, at(before, j - 2) + 1);
      current.push(cost);
      least = Math.min(least, cost);
    }
    if (least > limit) return limit + 1;
    before = previous;
    previous = current;
  }
  return Math.min(at(previous, b.length), limit + 1);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}

/** Whether a person could take one name for the other: same letters, two slips of the keyboard, or one tenth of the name. */
export function tooNear(a: string, b: string): boolean {
  const left = squeeze(a);
  const right = squeeze(b);
  const limit = Math.max(2, Math.floor(Math.max(left.length, right.length) / 10));
  return editDistance(left, right, limit) <= limit;
}
