import { z } from "zod";
import { AlertRow, IncidentList, IncidentRow, Unchanged } from "@/lib/incidents/list.pure";

const Envelope = IncidentList.extend({ incidents: z.array(z.unknown()), alerts: z.array(z.unknown()) });
const ROWS_PER_SLICE = 250;

/**
 * Checks an answer in slices and lets the browser paint in between: thousands of rows in one go would be a long task.
 * An answer that says that nothing changed is `before`, read anew. Throws ZodError when it is neither.
 */
export async function parseIncidents(body: unknown, before: IncidentList | undefined): Promise<IncidentList> {
  const unchanged = Unchanged.safeParse(body);
  if (unchanged.success && before) return { ...before, readAt: unchanged.data.readAt };
  const envelope = Envelope.parse(body);
  return {
    ...envelope,
    incidents: await inSlices(envelope.incidents, IncidentRow),
    alerts: await inSlices(envelope.alerts, AlertRow),
  };
}

async function inSlices<T>(rows: readonly unknown[], schema: z.ZodType<T>): Promise<T[]> {
  const parsed: T[] = [];
  for (let start = 0; start < rows.length; start += ROWS_PER_SLICE) {
    if (start > 0) await nextTask();
    for (const row of rows.slice(start, start + ROWS_PER_SLICE)) parsed.push(schema.parse(row));
  }
  return parsed;
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}
