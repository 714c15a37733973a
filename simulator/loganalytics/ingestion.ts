import type { Settings } from "../context";
import type { LogTable } from "../model";
import { Random } from "../world/random";

/**
 * How the ways of rows differ, as factors of the audit log's delays. With real ones the activity log takes 3 to 20
 * minutes; alerts and incidents, which are written next to the workspace, take up to one.
 */
const FACTORS: Readonly<Partial<Record<LogTable, { min: number; max: number }>>> = {
  AzureActivity: { min: 1, max: 2 },
  SecurityAlert: { min: 0.1, max: 0.1 },
  SecurityIncident: { min: 0.1, max: 0.1 },
};

/**
 * Milliseconds from a row's time until a query can see it: drawn evenly between the two bounds of its table, or, for the
 * share of audit rows that come late, between the upper bound and the longest delay. A pure function of seed and row.
 *
 * @param row What tells this row from all others of its table.
 */
export function ingestionDelay({ seed, delays }: Settings, table: LogTable, row: string): number {
  const random = new Random(`${seed}/ingestion/${table}/${row}`);
  const place = random.next();
  const factor = FACTORS[table];
  const min = delays.ingestionMin * (factor?.min ?? 1);
  const max = delays.ingestionMax * (factor?.max ?? 1);
  if (!factor && delays.ingestionLatePercent > 0 && random.next() * 100 < delays.ingestionLatePercent) {
    return Math.floor(max + place * Math.max(0, delays.ingestionLateMax - max));
  }
  return Math.floor(min + place * (max - min));
}
