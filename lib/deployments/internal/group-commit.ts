import "server-only";

interface Waiting<T> {
  entry: T;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Gathers what many callers want to write at the same time into one commit: while one commit is under way the next ones
 * wait together. An `add` resolves when its entry is on disk.
 */
export class GroupCommit<T> {
  private waiting: Waiting<T>[] = [];
  private busy = false;

  /**
   * @param commit writes the entries in one transaction; gives for each what was wrong with it alone, or undefined.
   *   Throwing fails them all.
   * @param most entries of one commit
   */
  constructor(
    private readonly commit: (entries: readonly T[]) => Promise<readonly (Error | undefined)[]>,
    private readonly most: number,
  ) {}

  add(entry: T): Promise<void> {
    const added = new Promise<void>((resolve, reject) => this.waiting.push({ entry, resolve, reject }));
    if (!this.busy) void this.run();
    return added;
  }

  private async run(): Promise<void> {
    this.busy = true;
    // Whoever calls in the same turn comes along.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const group = this.waiting.splice(0, this.most);
      try {
        const faults = await this.commit(group.map(({ entry }) => entry));
        for (const [index, { resolve, reject }] of group.entries()) {
          const fault = faults[index];
          if (fault) reject(fault);
          else resolve();
        }
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.busy = false;
  }
}
