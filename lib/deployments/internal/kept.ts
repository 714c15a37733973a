import "server-only";

interface Answer<T> {
  /** Milliseconds since 1970 when it was asked for. */
  at: number;
  value: Promise<T>;
}

/**
 * Answers that many ask for at the same time, by a key: read once for all that come while it is awaited and for so many
 * milliseconds after it was asked for. A failure is not kept.
 */
export class Kept<T> {
  private readonly answers = new Map<string, Answer<T>>();

  constructor(private readonly ms: number) {}

  get(key: string, now: number, read: () => Promise<T>): Promise<T> {
    const kept = this.answers.get(key);
    if (kept && this.isFresh(kept, now)) return kept.value;
    for (const [other, answer] of this.answers) if (!this.isFresh(answer, now)) this.answers.delete(other);
    const answer = { at: now, value: read() };
    this.answers.set(key, answer);
    answer.value.catch(() => {
      if (this.answers.get(key) === answer) this.answers.delete(key);
    });
    return answer.value;
  }

  /** A clock that was set back makes it old too. */
  private isFresh({ at }: Answer<T>, now: number): boolean {
    return now >= at && now - at < this.ms;
  }
}
