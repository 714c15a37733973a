import "server-only";
import pLimit from "p-limit";
import { listDiagnosticSettings } from "@/lib/azure/diagnostics";
import { normaliseId, parseVaultId } from "@/lib/azure/resource-id.pure";
import { AppError } from "@/lib/errors";
import { type Source, traceOf } from "./trace";

/** Resource Graph does not have these settings, so each vault is one call. */
const VAULTS_MAX = 40;
const AT_ONCE = 5;

/** Names of the settings that send audit logs of vaults with honeytokens to the watched workspace. */
const settings: Source = {
  what: "Diagnostic settings of vaults with honeytokens",
  async read({ asUser, db, config }, note) {
    const rows = await db
      .selectFrom("decoy")
      .select("vault_id")
      .distinct()
      .where("state", "=", "live")
      .orderBy("vault_id")
      .execute();
    const limit = pLimit(AT_ONCE);
    const wanted = rows.slice(0, VAULTS_MAX).flatMap(({ vault_id: id }) => parseVaultId(id) ?? []);
    const found = await Promise.all(
      wanted.map((id) => limit(() => readable(() => listDiagnosticSettings(asUser, id)))),
    );
    const seen = found.filter((one) => one !== undefined);
    if (rows.length > seen.length)
      note(`Diagnostic settings were looked at on ${seen.length} of ${rows.length} vaults with honeytokens.`);
    const workspace = normaliseId(config.workspace.resourceId);
    const counts = new Map<string, number>();
    for (const { name, workspaceId } of seen.flat())
      if (workspaceId === workspace) counts.set(name, (counts.get(name) ?? 0) + 1);
    return [...counts].map(([name, count]) =>
      traceOf({
        kind: "diagnostic",
        name,
        where: `On ${count} of ${seen.length} vaults that were looked at`,
        readers: "Every Reader of the vault.",
        instead: "Make a setting with a dull name, then delete this one.",
      }),
    );
  },
};

/** A vault that the person may not read, or that is gone, says nothing of the others. */
async function readable<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof AppError && ["forbidden", "not_found"].includes(error.failure.code)) return undefined;
    throw error;
  }
}

export const logTraces: readonly Source[] = [settings];
