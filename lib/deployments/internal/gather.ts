import "server-only";
import { forAll, outsideSlot } from "@/lib/slots";

interface Ask<Q, A> {
  question: Q;
  resolve(answer: A): void;
  reject(error: unknown): void;
}

/** Collects questions that come within a moment and puts them to Azure as one; everybody gets the whole answer. */
export class Gather<Q, A> {
  private asks: Ask<Q, A>[] = [];
  private timer: NodeJS.Timeout | undefined;
  private pending = 0;

  /**
   * @param answer answers the gathered questions, which are never none
   * @param windowMs how long the first question waits for others
   * @param most questions that are put at once; more are put without waiting any longer
   * @param atOnce answers that are awaited at the same time; what comes meanwhile is put together when one is there
   */
  constructor(
    private readonly answer: (questions: readonly Q[]) => Promise<A>,
    private readonly windowMs: number,
    private readonly most: number,
    private readonly atOnce = Number.POSITIVE_INFINITY,
  ) {}

  /** Whoever waits here keeps no slot from others. */
  ask(question: Q): Promise<A> {
    const answered = new Promise<A>((resolve, reject) => this.asks.push({ question, resolve, reject }));
    this.next();
    return outsideSlot(() => answered);
  }

  private next(): void {
    if (this.pending >= this.atOnce || this.asks.length === 0) return;
    if (this.asks.length >= this.most) this.put();
    else this.timer ??= setTimeout(() => this.put(), this.windowMs);
  }

  private put(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const asks = this.asks.splice(0, this.most);
    this.pending++;
    forAll(() => this.answer(asks.map(({ question }) => question)))
      .finally(() => {
        this.pending--;
        this.next();
      })
      .then(
        (answer) => {
          for (const { resolve } of asks) resolve(answer);
        },
        (error: unknown) => {
          for (const { reject } of asks) reject(error);
        },
      );
    this.next();
  }
}
