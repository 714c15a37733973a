/** One value that is not the same before and after. */
export interface Difference {
  /** Where it stands: names and list positions from the outside in, joined by points. */
  path: string;
  /** As text; undefined = there was none, or there is none any more. */
  before: string | undefined;
  after: string | undefined;
}

/** What differs between two records, value by value, in the order of `before` and then of what `after` adds. */
export function differences(before: Record<string, unknown>, after: Record<string, unknown>): Difference[] {
  const [old, now] = [leaves(before), leaves(after)];
  const paths = [...new Set([...old.keys(), ...now.keys()])];
  return paths
    .map((path) => ({ path, before: old.get(path), after: now.get(path) }))
    .filter((one) => one.before !== one.after);
}

/** Every value at its path. A list of plain values is one value: as such it is read. */
function leaves(record: Record<string, unknown>): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (path: string, value: unknown): void => {
    const inner = entriesOf(value);
    if (inner === undefined) found.set(path, textOf(value));
    else for (const [name, one] of inner) visit(path === "" ? name : `${path}.${name}`, one);
  };
  visit("", record);
  found.delete("");
  return found;
}

/** The parts of a value that is worth taking apart; undefined for one that stands for itself. */
function entriesOf(value: unknown): [string, unknown][] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) {
    const plain = value.every((one) => typeof one !== "object" || one === null);
    return plain ? undefined : value.map((one, index) => [String(index + 1), one]);
  }
  const entries = Object.entries(value);
  return entries.length === 0 ? undefined : entries;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value === "" ? '""' : value;
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(textOf).join(", ");
  if (value === null) return "nothing";
  return typeof value === "object" ? "empty" : String(value);
}
