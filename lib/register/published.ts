import "server-only";
import { queryLogs } from "@/lib/azure/logs";
import type { ServiceContext } from "@/lib/context";
import { readingWatchlist, readKql, withoutComments } from "@/lib/kql-files";
import { RegisterColumns } from "./rows";

/** The query that returns the published register as the rules see it, each row as `RegisterColumns`. */
export function registerQuery(alias: string): string {
  return withoutComments(readingWatchlist(readKql("lib/register/queries/register.kql"), alias));
}

/** Every published row: one log query. What was changed in the last minutes does not show in it yet. */
export function readPublished({ azure, config }: ServiceContext): Promise<RegisterColumns[]> {
  const { workspace, watchlistAlias } = config;
  return queryLogs(azure.collector, workspace.customerId, { kql: registerQuery(watchlistAlias) }, RegisterColumns);
}
