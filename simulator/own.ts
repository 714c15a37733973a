/** The entry of a table by a name that a caller chose; `constructor` and the like, which every object has, are none. */
export function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
