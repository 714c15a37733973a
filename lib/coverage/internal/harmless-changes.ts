/**
 * Of the logged changes of a vault's diagnostic settings those that cannot have interrupted its audit log: a single one between
 * two checks that found the same. Whoever switches the log off and on again needs two. `changes` and `checks` are sorted,
 * oldest first.
 */
export function harmlessChanges(changes: readonly Date[], checks: readonly Date[]): Date[] {
  return checks.flatMap((check, index) => {
    const before = checks[index - 1];
    if (before === undefined || before >= check) return [];
    const between = changes.filter((at) => at > before && at <= check);
    return between.length === 1 ? between : [];
  });
}
