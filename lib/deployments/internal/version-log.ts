import "server-only";
import { z } from "zod";
import { queryLogs } from "@/lib/azure/logs";
import type { ServiceContext } from "@/lib/context";
import { LOG_DAYS } from "@/lib/decoys/propose";
import { AppError } from "@/lib/errors";
import { readKql, withoutComments } from "@/lib/kql-files";
import { log } from "@/lib/log";
import type { Run } from "./ledger";

/** More vaults than these are not named in the query: it then reads all. */
const NAMED_MAX = 500;

const Row = z.object({ TokenKey: z.string(), Times: z.array(z.string()) });

/** When versions were made, oldest first, by token key. */
export type VersionLog = ReadonlyMap<string, readonly Date[]>;

/**
 * When versions of secrets and keys were made in these vaults since a moment, from the audit log: one query, however
 * many vaults, and no request to a vault, since a list of versions would name its object there.
 *
 * @throws AppError when the workspace does not answer
 */
export async function versionsMade(
  { azure, config }: Pick<ServiceContext, "azure" | "config">,
  vaultIds: readonly string[],
  since: Date,
): Promise<VersionLog> {
  const kql = withoutComments(readKql("lib/deployments/queries/versions.kql"));
  const parameters = { vaults: vaultIds.length > NAMED_MAX ? [] : vaultIds, since };
  const rows = await queryLogs(azure.collector, config.workspace.customerId, { kql, parameters }, Row);
  return new Map(
    rows.map(({ TokenKey, Times }) => [
      TokenKey,
      Times.map((time) => new Date(time)).sort((a, b) => a.getTime() - b.getTime()),
    ]),
  );
}

const KEPT_MS = 60 * 60_000;

const kept = new WeakMap<ServiceContext["db"], Map<string, { at: number; log: Promise<VersionLog | undefined> }>>();

/** The same for an item of a deployment, asked once for all its vaults; undefined when the workspace did not answer. */
export function versionsOfRun(service: ServiceContext, { deployment }: Run): Promise<VersionLog | undefined> {
  const logs = kept.get(service.db) ?? new Map<string, { at: number; log: Promise<VersionLog | undefined> }>();
  kept.set(service.db, logs);
  const now = service.now().getTime();
  for (const [id, { at }] of logs) if (now - at > KEPT_MS || now < at) logs.delete(id);
  const known = logs.get(deployment.id);
  if (known) return known.log;
  const asked = askFor(service, deployment.id);
  logs.set(deployment.id, { at: now, log: asked });
  return asked;
}

async function askFor(service: ServiceContext, deploymentId: string): Promise<VersionLog | undefined> {
  try {
    const items = await service.db
      .selectFrom("deployment_item")
      .select("vault_id")
      .where("deployment_id", "=", deploymentId)
      .where("state", "in", ["queued", "running"])
      .execute();
    const since = new Date(service.now().getTime() - LOG_DAYS * 86_400_000);
    return await versionsMade(
      service,
      items.map((item) => item.vault_id),
      since,
    );
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // The picture is then made of what the lists say; a planting does not fail for that.
    log.warn({ err: error, deployment: deploymentId }, "the audit log did not say when versions were made");
    return undefined;
  }
}
