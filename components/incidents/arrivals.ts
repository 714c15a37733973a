import { type IncidentRow, SEVERITIES } from "@/lib/incidents/list.pure";

/** Why an incident is worth a look: it was not there before, or it is graver than it was. */
export type News = "new" | "raised";

export type Arrival = Pick<IncidentRow, "id" | "severity"> & { news: News };

/** Rows arrive minutes late, so an incident may be a little older than the first look and new all the same. */
const LATE_MS = 60 * 60 * 1000;

/**
 * Which incidents came, or grew graver, while somebody was looking. The first list is what was there already; what a longer time range
 * brings in later is old too.
 */
export class Arrivals {
  /** The gravest severity that each was seen with: its place in `SEVERITIES`. */
  private readonly known = new Map<string, number>();
  private newerThan: number | undefined;
  private readonly listeners = new Set<() => void>();
  private current: ReadonlyMap<string, News> = new Map();

  /** Those that came or grew graver and were not seen yet, by id. The same object until it changes. */
  readonly unseen = (): ReadonlyMap<string, News> => this.current;

  readonly subscribe = (changed: () => void): (() => void) => {
    this.listeners.add(changed);
    return () => this.listeners.delete(changed);
  };

  /** Takes in a list that was read at `readAt`; gives those that are new in it or graver than before. */
  observe(incidents: readonly IncidentRow[], readAt: string): Arrival[] {
    const first = this.newerThan === undefined;
    const newerThan = this.newerThan ?? Date.parse(readAt) - LATE_MS;
    this.newerThan = newerThan;
    const came = incidents.flatMap(({ id, severity, createdAt }): Arrival[] => {
      const before = this.known.get(id);
      const rank = SEVERITIES.indexOf(severity);
      this.known.set(id, Math.min(rank, before ?? rank));
      if (before === undefined) return Date.parse(createdAt) >= newerThan ? [{ id, severity, news: "new" }] : [];
      return rank < before ? [{ id, severity, news: "raised" }] : [];
    });
    if (first || came.length === 0) return [];
    // What was not looked at since it came stays new.
    this.change(new Map([...came.map(({ id, news }) => [id, news] as const), ...this.current]));
    return came;
  }

  /** The person has looked at this one. */
  readonly see = (id: string): void => {
    if (this.current.has(id)) this.change(new Map([...this.current].filter(([one]) => one !== id)));
  };

  readonly seeAll = (): void => {
    if (this.current.size > 0) this.change(new Map());
  };

  private change(next: ReadonlyMap<string, News>): void {
    this.current = next;
    for (const changed of this.listeners) changed();
  }
}
