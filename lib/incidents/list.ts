import "server-only";
import { createHash } from "node:crypto";
import { type LogOutcome, queryLogsBatch } from "@/lib/azure/logs";
import type { UserContext } from "@/lib/context";
import { auditReading } from "@/lib/store/audit";
import { type AlertColumns, type IncidentColumns, shapeList } from "./internal/shape";
import type { IncidentList, IncidentListQuery, Part, Problem, Unchanged } from "./list.pure";
import { listQueries } from "./list-queries";

/** How long a page waits for its list: the service's own limit for a query without a wish. */
const PATIENCE_MS = 180_000;

/**
 * The incidents that this product's rules raised in the last `days` days, with what their alerts say, read with the
 * person's own token in one batch of two queries: the newest row of each incident, and the alerts with their details.
 * The figures of the charts come out of the same alerts, so that nobody reads the audit tables every 15 seconds.
 * A query that fails or ends early is named in `problems` beside what the other one gave.
 *
 * @throws AppError when Azure could not be asked, or both queries failed
 */
export async function listIncidents(ctx: UserContext, query: IncidentListQuery): Promise<IncidentList | Unchanged> {
  const readAt = ctx.now();
  const [incidents, alerts] = await ask(ctx, Number(query.days), readAt);
  if (!incidents.ok && !alerts.ok) throw incidents.error;
  const shaped = shapeList(rowsOf(incidents), rowsOf(alerts));
  const content = {
    days: query.days,
    ...shaped,
    problems: [...problemsOf("incidents", incidents), ...problemsOf("alerts", alerts)],
  };
  const decoys = new Set(shaped.alerts.flatMap((alert) => alert.decoys)).size;
  if (decoys > 0) await auditReading(ctx.db, { by: ctx.user, action: "incidents.read", details: { decoys } }, readAt);
  const digest = createHash("sha256").update(JSON.stringify(content)).digest("base64url");
  if (digest === query.known) return { unchanged: true, readAt: readAt.toISOString() };
  return { ...content, readAt: readAt.toISOString(), digest };
}

type Outcomes = [LogOutcome<IncidentColumns>, LogOutcome<AlertColumns>];

function ask(ctx: UserContext, days: number, readAt: Date): Promise<Outcomes> {
  return queryLogsBatch<[IncidentColumns, AlertColumns]>(
    ctx.asUser,
    ctx.config.workspace.customerId,
    listQueries(days, readAt),
    { within: PATIENCE_MS },
  );
}

function rowsOf<T>(outcome: LogOutcome<T>): T[] {
  return outcome.ok ? outcome.rows : [];
}

function problemsOf(part: Part, outcome: LogOutcome<unknown>): Problem[] {
  const error = outcome.ok ? outcome.partial : outcome.error;
  if (!error) return [];
  const { message, fix } = error.failure;
  return [{ part, partial: outcome.ok, message, fix: fix ?? null }];
}
