import "server-only";

interface Ask<Q, A> {
  question: Q;
  resolve(answer: A): void;
  reject(error: unknown): void;
}

/** Collects questions that come within a moment and puts them to Azure as one; everybody gets the whole answer. */
export class Gather<Q, A> {
  private asks: Ask<Q, A>[] = [];
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param answer answers the gathered questions, which are never none
   * @param windowMs how long the first question waits for others
   * @param most questions that are put at once; more are put without waiting any longer
   */
  constructor(
    private readonly answer: (questions: readonly Q[]) => Promise<A>,
    private readonly windowMs: number,
    private readonly most: number,
  ) {}

  ask(question: Q): Promise<A> {
    const answered = new Promise<A>((resolve, reject) => this.asks.push({ question, resolve, reject }));
    if (this.asks.length >= this.most) this.put();
    else this.timer ??= setTimeout(() => this.put(), this.windowMs);
    return answered;
  }

  private put(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const asks = this.asks.splice(0);
    this.answer(asks.map(({ question }) => question)).then(
      (answer) => {
        for (const { resolve } of asks) resolve(answer);
      },
      (error: unknown) => {
        for (const { reject } of asks) reject(error);
      },
    );
  }
}
