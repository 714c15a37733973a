import "server-only";
import { z } from "zod";
import { queryLogsBatch } from "@/lib/azure/logs";
import { listAlertRules } from "@/lib/azure/rules";
import { listTablePlans, type TablePlan } from "@/lib/azure/tables";
import type { ServiceContext } from "@/lib/context";
import type { ListedRule } from "@/lib/detection/rule-state";
import { AppError } from "@/lib/errors";
import { groupBy } from "@/lib/group-by.pure";
import { readingWatchlist, readKql, withoutComments } from "@/lib/kql-files";
import { registerQuery } from "@/lib/register/published";
import { type ExceptionRow, parseRegister, RegisterColumns, type RegisterRow, standing } from "@/lib/register/rows";
import { SingleFlight, sharedValue } from "./shared";

/** What one source said, and when; or that it failed, in a sentence. */
export type Source<T> = { ok: true; data: T; readAt: Date } | { ok: false; noAccess: boolean; sentence: string };

/** Newest successful changes of one registered object; absent when the log has none. */
export interface Lifecycle {
  created: Date | undefined;
  removed: Date | undefined;
  disabled: Date | undefined;
  /** Changed in a way that the log does not describe. */
  changed: Date | undefined;
}

interface Arrival {
  table: string;
  generated: Date;
  ingested: Date;
}

/** Everything that a few calls tell about all vaults at once. */
export interface BulkFacts {
  /** By vault id. */
  register: Source<ReadonlyMap<string, RegisterRow[]>>;
  /** The register's rows that are exceptions of callers and no decoys. */
  exceptionRows: Source<ExceptionRow[]>;
  /** By token key; what befell a whole vault, under the vault's id. */
  lifecycle: Source<ReadonlyMap<string, Lifecycle>>;
  /** By vault id. */
  arrivals: Source<ReadonlyMap<string, Arrival[]>>;
  /** By vault id: when diagnostic settings were changed, oldest first; never empty. */
  settingChanges: Source<ReadonlyMap<string, readonly Date[]>>;
  rules: Source<ListedRule[]>;
  tables: Source<TablePlan[]>;
  /** When this was put together; sources that failed this time may carry an older answer. */
  readAt: Date;
  /** A sentence per source that failed this time, and one for register rows that cannot be used. */
  warnings: string[];
}

/**
 * The bulk facts, read with the collector's identity: one batch of log queries, one listing of rules, one of table
 * plans, so three calls however many vaults there are. Asked once at a time and kept for `timing.bulkFactsMaxAge`.
 * A source that fails keeps its last good answer, with that answer's own age.
 */
export function bulkFacts(service: ServiceContext): Promise<BulkFacts> {
  const flight = sharedValue(service.db, "bulk", () => new SingleFlight<BulkFacts>());
  return flight.get(service.config.timing.bulkFactsMaxAge, service.now().getTime(), () => read(service));
}

/** Makes the next reader ask again, after a change that the kept answer does not know. */
export function forgetBulkFacts(service: ServiceContext): void {
  sharedValue(service.db, "bulk", () => new SingleFlight<BulkFacts>()).forget();
}

async function read(service: ServiceContext): Promise<BulkFacts> {
  const collector = service.azure.collector;
  const { resourceId, customerId } = service.config.workspace;
  const last = sharedValue(service.db, "bulk.last", () => ({ facts: undefined as BulkFacts | undefined }));
  const [logs, rules, tables] = await Promise.all([
    readLogs(service, customerId),
    asSource(service, () => listAlertRules(collector, resourceId)),
    asSource(service, () => listTablePlans(collector, resourceId)),
  ]);
  const { register, exceptionRows, problems } = logs.register;
  const fresh = { ...logs, register, rules, tables };
  const warnings = Object.values(fresh).flatMap((source) => (source.ok ? [] : [source.sentence]));
  const facts: BulkFacts = {
    register: orLast(register, last.facts?.register),
    exceptionRows: orLast(exceptionRows, last.facts?.exceptionRows),
    lifecycle: orLast(logs.lifecycle, last.facts?.lifecycle),
    arrivals: orLast(logs.arrivals, last.facts?.arrivals),
    settingChanges: orLast(logs.settingChanges, last.facts?.settingChanges),
    rules: orLast(rules, last.facts?.rules),
    tables: orLast(tables, last.facts?.tables),
    readAt: service.now(),
    warnings: [...new Set([...warnings, ...problems])],
  };
  last.facts = facts;
  return facts;
}

function orLast<T>(now: Source<T>, before: Source<T> | undefined): Source<T> {
  return now.ok || !before?.ok ? now : before;
}

const time = z.iso
  .datetime({ offset: true })
  .nullish()
  .transform((text) => (text ? new Date(text) : undefined));

const LifecycleRow = z.object({ TokenKey: z.string(), Created: time, Removed: time, Disabled: time, Changed: time });
const ArrivalRow = z.object({ VaultId: z.string(), Source: z.string(), Generated: time, Ingested: time });
const ChangeRow = z.object({ VaultId: z.string(), Times: z.array(z.coerce.date()) });

async function readLogs(service: ServiceContext, customerId: string) {
  const alias = service.config.watchlistAlias;
  const kql = (name: string) => withoutComments(readingWatchlist(readKql(`lib/coverage/queries/${name}.kql`), alias));
  const outcome = await asSource(service, () =>
    queryLogsBatch<
      [RegisterColumns, z.infer<typeof LifecycleRow>, z.infer<typeof ArrivalRow>, z.infer<typeof ChangeRow>]
    >(service.azure.collector, customerId, [
      { kql: registerQuery(alias), schema: RegisterColumns },
      { kql: kql("lifecycle"), schema: LifecycleRow },
      { kql: kql("arrivals"), schema: ArrivalRow },
      { kql: kql("setting-changes"), schema: ChangeRow },
    ]),
  );
  if (!outcome.ok) {
    return {
      register: { register: outcome, exceptionRows: outcome, problems: [] },
      lifecycle: outcome,
      arrivals: outcome,
      settingChanges: outcome,
    };
  }
  const [register, lifecycle, arrivals, changes] = outcome.data;
  const readAt = outcome.readAt;
  return {
    register: registerOf(part(register, readAt)),
    lifecycle: mapped(part(lifecycle, readAt), (rows) => new Map(rows.map((row) => [row.TokenKey, lifecycleOf(row)]))),
    arrivals: mapped(part(arrivals, readAt), arrivalsByVault),
    settingChanges: mapped(
      part(changes, readAt),
      (rows) => new Map(rows.map(({ VaultId, Times }) => [VaultId, Times.sort((a, b) => a.getTime() - b.getTime())])),
    ),
  };
}

function part<T>(outcome: { ok: true; rows: T[] } | { ok: false; error: AppError }, readAt: Date): Source<T[]> {
  return outcome.ok ? { ok: true, data: outcome.rows, readAt } : failed(outcome.error);
}

function mapped<A, B>(source: Source<A>, change: (data: A) => B): Source<B> {
  return source.ok ? { ...source, data: change(source.data) } : source;
}

function registerOf(
  source: Source<RegisterColumns[]>,
): Pick<BulkFacts, "register" | "exceptionRows"> & { problems: string[] } {
  if (!source.ok) return { register: source, exceptionRows: source, problems: [] };
  const { rows, exceptions, problems } = parseRegister(source.data);
  // The row that Microsoft's own solution starts a list with is no fault.
  const faults = [...problems].filter(([problem]) => problem !== "placeholder");
  const bad = faults.reduce((sum, [, count]) => sum + count, 0);
  const words = faults.map(([problem, count]) => `${count} × ${problem}`).join(", ");
  return {
    register: {
      ...source,
      data: groupBy(
        rows.map((row) => standing(row, source.readAt)),
        ({ vaultId }): string => vaultId,
      ),
    },
    exceptionRows: { ...source, data: exceptions },
    problems: bad > 0 ? [`The published register has rows that cannot be used (${words}).`] : [],
  };
}

function lifecycleOf(row: z.infer<typeof LifecycleRow>): Lifecycle {
  return { created: row.Created, removed: row.Removed, disabled: row.Disabled, changed: row.Changed };
}

function arrivalsByVault(rows: z.infer<typeof ArrivalRow>[]): Map<string, Arrival[]> {
  const byVault = new Map<string, Arrival[]>();
  for (const { VaultId, Source: table, Generated, Ingested } of rows) {
    if (!Generated) continue;
    const arrivals = byVault.get(VaultId) ?? [];
    arrivals.push({ table, generated: Generated, ingested: Ingested ?? Generated });
    byVault.set(VaultId, arrivals);
  }
  return byVault;
}

/** Asks; a failure becomes part of the answer. The time is taken before asking, so that an answer is never too young. */
async function asSource<T>(service: ServiceContext, ask: () => Promise<T>): Promise<Source<T>> {
  const readAt = service.now();
  try {
    return { ok: true, data: await ask(), readAt };
  } catch (error) {
    if (error instanceof AppError) return failed(error);
    throw error;
  }
}

/** A failed source; the sentence says what could not be done and why. */
function failed(error: AppError): Extract<Source<never>, { ok: false }> {
  return { ok: false, noAccess: error.failure.code === "forbidden", sentence: error.failure.message };
}
