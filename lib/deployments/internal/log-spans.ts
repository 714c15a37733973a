import "server-only";
import { z } from "zod";
import { queryLogs } from "@/lib/azure/logs";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { LOG_DAYS } from "@/lib/decoys/propose";
import { readKql } from "@/lib/kql-files";
import { Gather } from "./gather";

/** From when to when the workspace shows a vault's own audit log, as far back as it is asked. */
export interface LogSpan {
  first: Date;
  newest: Date;
}

/**
 * Whether a log began after all of these moments, give or take `skew`, in ms, and surely shows what came after them. One that
 * was switched on shortly before a planting begins up to 90 minutes later, and then never has the planting's row; where it
 * worked before, a row that is missing is a fault.
 */
export function beganAfter(span: LogSpan, sent: readonly number[], skew: number): boolean {
  return span.first.getTime() > Math.min(...sent) - skew && span.newest.getTime() > Math.max(...sent) + skew;
}

const time = z.string().transform((text) => new Date(text));
const Row = z.object({ VaultId: z.string(), First: time, Newest: time });

/** Vaults that one query names, and queries at the same time: only vaults whose rows are late ask. */
const GATHER_MAX = 500;
const AT_ONCE = 1;

const gathers = new WeakMap<ServiceContext["db"], Gather<VaultId, ReadonlyMap<string, LogSpan>>>();

/**
 * The span of a vault's audit log in the last 90 days; undefined when it has no row. One query for all that ask now.
 *
 * @throws AppError when the workspace does not answer
 */
export async function logSpanOf(service: ServiceContext, vaultId: VaultId): Promise<LogSpan | undefined> {
  let gather = gathers.get(service.db);
  if (!gather) {
    const read = (vaults: readonly VaultId[]) => readSpans(service, vaults);
    gather = new Gather(read, service.config.timing.gatherWithin, GATHER_MAX, AT_ONCE);
    gathers.set(service.db, gather);
  }
  return (await gather.ask(vaultId)).get(vaultId);
}

async function readSpans(
  { azure, config, now }: ServiceContext,
  vaultIds: readonly VaultId[],
): Promise<ReadonlyMap<string, LogSpan>> {
  const kql = readKql("lib/deployments/queries/log-spans.kql");
  const since = new Date(now().getTime() - LOG_DAYS * 86_400_000);
  const parameters = { vaults: [...new Set(vaultIds)], since };
  const rows = await queryLogs(azure.collector, config.workspace.customerId, { kql, parameters }, Row);
  return new Map(rows.map(({ VaultId: id, First: first, Newest: newest }) => [id, { first, newest }]));
}
