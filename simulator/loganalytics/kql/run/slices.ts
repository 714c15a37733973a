/**
 * Work that can be interrupted: it stops at each `yield`, where others may have the thread, and goes on when it is asked
 * to. What it returns is its result.
 */
export type Slices<T> = Generator<undefined, T, undefined>;

/** Does all of it without a pause. */
export function atOnce<T>(work: Slices<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Does it with pauses in which requests are answered; `resume` is called at the beginning and after each pause. */
export async function withPauses<T>(work: Slices<T>, resume: () => void): Promise<T> {
  for (;;) {
    resume();
    const { done, value } = work.next();
    if (done) return value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
