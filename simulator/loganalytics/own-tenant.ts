import type { Settings } from "../context";
import { answerQuery } from "../control/query";
import { allServices } from "../services";
import { startTenant } from "../tenant";
import type { QueryAnswer } from "./query-answer";
import { sharedEngine } from "./shared-engine";

/** Starts a tenant for one query, and stops it. @throws KqlError for a refused query, FolderError for a folder in use */
export async function answerOnce(settings: Settings, wish: { query: string; timespan?: string }): Promise<QueryAnswer> {
  const tenant = await startTenant({
    settings,
    services: allServices,
    onFault: (error) => process.stderr.write(`${String(error)}\n`),
  });
  try {
    return await answerQuery(tenant.context, wish);
  } finally {
    await sharedEngine(tenant.context).close();
    await tenant.stop();
  }
}
