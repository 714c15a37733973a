import type { TablePlan } from "@/lib/azure/tables";
import type { Source } from "./bulk-facts";

const DAY = 24 * 60 * 60 * 1000;

/** The audit log's tables. */
export const LOG_TABLES = ["AzureDiagnostics", "AZKVAuditLogs"] as const;

/** The log queries look back 90 days. */
const MOST_DAYS = 85;
/** Left for rows that come late, and for a table that is emptied early. */
const SLACK_DAYS = 2;

/**
 * Milliseconds of the vaults' past that can be asked about: what the shorter of the audit log's tables keeps, which may be
 * 30 days, and no more than the queries ask for.
 */
export function logReach(tables: Source<readonly Pick<TablePlan, "name" | "retentionInDays">[]>): number {
  const names = new Set<string>(LOG_TABLES);
  const kept = tables.ok
    ? tables.data.flatMap(({ name, retentionInDays }) =>
        names.has(name) && retentionInDays !== undefined ? [retentionInDays - SLACK_DAYS] : [],
      )
    : [];
  return Math.max(1, Math.min(MOST_DAYS, ...kept)) * DAY;
}
