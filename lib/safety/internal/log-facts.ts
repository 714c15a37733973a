import "server-only";
import { z } from "zod";
import { queryLogsBatch } from "@/lib/azure/logs";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { readKql, withoutComments } from "@/lib/kql-files";
import type { Fact, VaultReaders } from "../facts.pure";
import { daysCovered } from "./history";
import { type CallerRow, readerOf } from "./patterns";

/** More vaults than these are not named in the query: it then reads all, whose answer is smaller than the question. */
const NAMED_MAX = 500;

const texts = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);

const ReaderRow = z.object({
  VaultId: z.string(),
  Caller: z.string(),
  Collection: z.enum(["secrets", "keys", "certificates"]),
  Lists: z.number(),
  MostRead: z.number(),
  MostBackedUp: z.number(),
  Names: texts,
  Agents: texts,
});
type ReaderRow = z.infer<typeof ReaderRow>;

const HistoryRow = z.object({
  VaultId: z.string(),
  Days: z.array(z.number()),
  ThrottledDays: z.number(),
  Secrets: z.number(),
  Keys: z.number(),
  Certificates: z.number(),
});
type HistoryRow = z.infer<typeof HistoryRow>;

const DeletedRow = z.object({ VaultId: z.string(), Names: texts });
type DeletedRow = z.infer<typeof DeletedRow>;

/** A plan over many vaults waits as long as the service itself does: 3 minutes (Azure Monitor service limits). */
const PLAN_WITHIN_MS = 180_000;

/** No row of the vault is in the workspace: nothing is known of its readers. */
const NO_ROWS: VaultReaders = {
  days: 0,
  readers: [],
  certificateReaders: 0,
  names: { secrets: 0, keys: 0, certificates: 0 },
  throttledDays: 0,
  deleted: [],
};

/** Who reads in these vaults and what was deleted there, from both audit tables: three queries in one call, however many vaults. */
export async function readLogFacts(
  { azure, config }: Pick<ServiceContext, "azure" | "config">,
  vaultIds: readonly VaultId[],
): Promise<(vaultId: VaultId) => Fact<VaultReaders>> {
  const parameters = { vaults: vaultIds.length > NAMED_MAX ? [] : vaultIds };
  const kql = (name: string) => withoutComments(readKql(`lib/safety/queries/${name}.kql`));
  try {
    const [readers, history, deleted] = await queryLogsBatch<[ReaderRow, HistoryRow, DeletedRow]>(
      azure.collector,
      config.workspace.customerId,
      [
        { kql: kql("readers"), parameters, timespan: "P38D", schema: ReaderRow },
        { kql: kql("history"), parameters, timespan: "P38D", schema: HistoryRow },
        { kql: kql("deleted"), parameters, timespan: "P90D", schema: DeletedRow },
      ],
      vaultIds.length > 1 ? { within: PLAN_WITHIN_MS } : {},
    );
    if (!readers.ok) return unknown(readers.error);
    if (!history.ok) return unknown(history.error);
    const histories = new Map(history.rows.map((row) => [row.VaultId, row]));
    const callers = new Map<string, ReaderRow[]>();
    // It only spares a name that the vault would refuse: the planter looks again right before it writes.
    const gone = new Map((deleted.ok ? deleted.rows : []).map((row) => [row.VaultId, row.Names]));
    for (const row of readers.rows) callers.set(row.VaultId, [...(callers.get(row.VaultId) ?? []), row]);
    return (vaultId) => {
      const past = histories.get(vaultId);
      if (!past) return { known: true, value: NO_ROWS };
      return { known: true, value: factsOf(past, callers.get(vaultId) ?? [], gone.get(vaultId) ?? []) };
    };
  } catch (error) {
    if (error instanceof AppError) return unknown(error);
    throw error;
  }
}

function unknown({ failure }: AppError): () => Fact<VaultReaders> {
  return () => ({ known: false, why: failure.message });
}

function factsOf(history: HistoryRow, rows: readonly ReaderRow[], deleted: readonly string[]): VaultReaders {
  const names = { secrets: history.Secrets, keys: history.Keys, certificates: history.Certificates };
  return {
    days: daysCovered(history.Days),
    readers: rows.flatMap((row) => readerOf(callerOf(row), names[row.Collection]) ?? []),
    certificateReaders: rows.filter((row) => row.Collection === "certificates" && row.MostRead > 0).length,
    names,
    throttledDays: history.ThrottledDays,
    deleted,
  };
}

function callerOf(row: ReaderRow): CallerRow {
  return {
    caller: row.Caller,
    collection: row.Collection,
    lists: row.Lists,
    mostRead: row.MostRead,
    mostBackedUp: row.MostBackedUp,
    names: row.Names,
    agents: row.Agents,
  };
}
