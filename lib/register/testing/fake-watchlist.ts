import { randomUUID } from "node:crypto";
import type { WatchlistItem } from "@/lib/azure/watchlists";
import { AppError } from "@/lib/errors";

/** What may befall one request. */
export type Mishap = "refused" | "lost before" | "lost after";

/**
 * A watchlist in memory, with the calls of lib/azure/watchlists that publishing uses. It takes CSV as the service does:
 * rows that are there already are passed over, new ones get ids of the service's own.
 */
export class FakeWatchlist {
  items = new Map<string, Record<string, string>>();
  /** Item changes that were really made. */
  changes = 0;
  /** Requests by what they did. */
  requests = { put: 0, remove: 0, upload: 0, list: 0 };
  /** By the number of the write. */
  mishaps = new Map<number, Mishap>();
  private writes = 0;
  uploading = 0;
  /** Most uploads that were under way at once. */
  uploadsAtOnce = 0;

  put(id: string, fields: Record<string, string>): void {
    this.requests.put++;
    this.write(() => {
      this.items.set(id, fields);
      this.changes++;
    });
  }

  remove(id: string): "deleted" | "absent" {
    this.requests.remove++;
    return this.write(() => {
      if (!this.items.delete(id)) return "absent";
      this.changes++;
      return "deleted";
    });
  }

  async upload(csv: string): Promise<void> {
    this.requests.upload++;
    this.uploadsAtOnce = Math.max(this.uploadsAtOnce, ++this.uploading);
    await new Promise((resolve) => setTimeout(resolve, 1));
    this.uploading--;
    this.write(() => {
      const known = new Set([...this.items.values()].map(identity));
      for (const row of parseCsv(csv)) {
        if (known.has(identity(row))) continue;
        this.items.set(randomUUID(), row);
        this.changes++;
      }
    });
  }

  list(): WatchlistItem[] {
    this.requests.list++;
    return [...this.items].map(([id, fields]) => ({ id, fields }));
  }

  private write<T>(work: () => T): T {
    const mishap = this.mishaps.get(this.writes++);
    if (mishap === "refused") throw failure(403);
    if (mishap === "lost before") throw failure(undefined);
    const result = work();
    if (mishap === "lost after") throw failure(undefined);
    return result;
  }
}

const identity = (row: Record<string, string>): string => JSON.stringify(Object.entries(row).sort());

function failure(statusCode: number | undefined): AppError {
  const cause = Object.assign(new Error("no"), statusCode === undefined ? {} : { statusCode });
  return new AppError(statusCode === undefined ? "unavailable" : "forbidden", "Azure did not.", {}, cause);
}

/** RFC 4180, by a reading of its own. */
export function parseCsv(text: string): Record<string, string>[] {
  const records: string[][] = [[""]];
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const record = records.at(-1) ?? [];
    const last = record.length - 1;
    const letter = text.charAt(at);
    if (quoted) {
      if (letter === '"' && text.charAt(at + 1) === '"') record[last] += text.charAt(++at);
      else if (letter === '"') quoted = false;
      else record[last] += letter;
    } else if (letter === '"') quoted = true;
    else if (letter === ",") record.push("");
    else if (letter === "\n") records.push([""]);
    else if (letter !== "\r") record[last] += letter;
  }
  const [header = [], ...rows] = records.filter((record) => record.length > 1 || record[0] !== "");
  return rows.map((row) => Object.fromEntries(header.map((name, column) => [name, row[column] ?? ""])));
}
