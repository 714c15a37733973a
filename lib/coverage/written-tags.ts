import "server-only";
import type { ServiceContext } from "@/lib/context";
import { sharedValue } from "./internal/shared";

/** Longer than Resource Graph lags behind plus the longest time for which its answer is kept. Milliseconds. */
const KEPT_MS = 7 * 60 * 1000;

interface Written {
  value: string;
  at: number;
}

function writtenIn(db: ServiceContext["db"]): Map<string, Written> {
  return sharedValue(db, "review tags written", () => new Map<string, Written>());
}

/** Notes a review tag that this process has just written, so that nobody is shown what Resource Graph still says. */
export function noteWrittenTag({ db, now }: ServiceContext, vaultId: string, value: string): void {
  const written = writtenIn(db);
  const at = now().getTime();
  for (const [id, one] of written) if (at - one.at > KEPT_MS) written.delete(id);
  written.set(vaultId, { value, at });
}

/** The value that was written here a moment ago; undefined = none was. */
export function justWritten(db: ServiceContext["db"], now: Date, vaultId: string): string | undefined {
  const found = writtenIn(db).get(vaultId);
  return found && now.getTime() - found.at <= KEPT_MS ? found.value : undefined;
}
