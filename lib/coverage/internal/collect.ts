import "server-only";
import { type DiagnosticSetting, listDiagnosticSettings } from "@/lib/azure/diagnostics";
import { listKeys, listSecrets } from "@/lib/azure/key-vault";
import { type VaultId, vaultIdParts } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { listDecoys } from "@/lib/store/decoys";
import { readVaultFacts, saveVaultFacts } from "@/lib/store/facts";
import { type CollectedListing, CollectedSettings, collectedBy } from "./collected";
import { harmlessChanges } from "./harmless-changes";

/** Checks that are kept: changes show in the log some minutes late, and a check is made twice a day. */
const CHECKS_KEPT = 4;
/** After so long the log shows every change of that time. */
const ALL_LOGGED_MS = 60 * 60_000;
/** As far as the log of changes is asked about. */
const CHANGES_KEPT_MS = 90 * 24 * 60 * 60_000;

/**
 * Reads a vault's diagnostic settings (one ARM call) and keeps them. `changedByUs` marks a change that we just made, `logged`
 * are the changes that the log shows, oldest first. A refusal is kept too, as that; other failures are thrown and leave what
 * was collected before.
 */
export async function collectSettings(
  service: ServiceContext,
  vaultId: VaultId,
  { changedByUs, logged = [] }: { changedByUs?: Date | undefined; logged?: readonly Date[] | undefined } = {},
): Promise<void> {
  const at = service.now();
  const before = collectedBy(await readVaultFacts(service.db, "diagnostics", [vaultId]), CollectedSettings).get(
    vaultId,
  );
  const firstSeenAt = before?.data.firstSeenAt ?? at.toISOString();
  let data: CollectedSettings;
  try {
    const settings = (await listDiagnosticSettings(service.azure.collector, vaultId)).map(plain);
    const changed = before !== undefined && !sameSettings(before.data.settings, settings);
    const changedAt = changedByUs?.toISOString() ?? (changed ? at.toISOString() : (before?.data.changedAt ?? null));
    const earlier = changed || changedByUs ? [] : (before?.data.checks ?? []);
    const checks = isLongAgo(earlier.at(-1), at) ? [...earlier, at.toISOString()].slice(-CHECKS_KEPT) : earlier;
    const harmless = harmlessBy(at, before?.data.harmless, [...checks, at.toISOString()], logged);
    data = { settings, firstSeenAt, changedAt, checks, harmless };
  } catch (error) {
    if (!(error instanceof AppError) || error.failure.code !== "forbidden") throw error;
    data = {
      settings: before?.data.settings ?? [],
      firstSeenAt,
      changedAt: before?.data.changedAt ?? null,
      checks: before?.data.checks ?? [],
      harmless: before?.data.harmless ?? [],
      refused: error.failure.message,
    };
  }
  await saveVaultFacts(service.db, [{ vaultId, fact: "diagnostics", data, collectedAt: at }]);
}

/** A person may check again and again: that pushes no earlier check out. */
function isLongAgo(check: string | undefined, at: Date): boolean {
  return check === undefined || at.getTime() - new Date(check).getTime() > ALL_LOGGED_MS;
}

/** Kept for good once no other change of that time can come to light. */
function harmlessBy(
  at: Date,
  before: readonly string[] = [],
  checks: readonly string[],
  logged: readonly Date[],
): string[] {
  const found = harmlessChanges(
    logged,
    checks.map((check) => new Date(check)),
  ).filter((change) => at.getTime() - change.getTime() > ALL_LOGGED_MS);
  const kept = before.filter((change) => at.getTime() - new Date(change).getTime() < CHANGES_KEPT_MS);
  return [...new Set([...kept, ...found.map((change) => change.toISOString())])];
}

function plain({ workspaceId, ...setting }: DiagnosticSetting): CollectedSettings["settings"][number] {
  return { ...setting, ...(workspaceId !== undefined && { workspaceId }) };
}

function sameSettings(before: CollectedSettings["settings"], now: CollectedSettings["settings"]): boolean {
  // Only what decides where audit rows go; renaming a setting interrupts nothing that counts.
  const key = (settings: CollectedSettings["settings"]) =>
    settings
      .filter(({ audit }) => audit)
      .map(({ workspaceId, table }) => `${workspaceId ?? "elsewhere"} ${table}`)
      .sort()
      .join("\n");
  return key(before) === key(now);
}

/**
 * Lists a vault's secrets and keys, as far as our decoys there need it, and keeps whether each decoy was there and
 * enabled. Collection lists only: no request names a decoy. A refusal is kept as that.
 */
export async function collectListing(service: ServiceContext, vaultId: VaultId): Promise<void> {
  const decoys = (await listDecoys(service.db, vaultId)).filter(({ state }) => state === "live");
  if (decoys.length === 0) return;
  const at = service.now();
  const { name } = vaultIdParts(vaultId);
  const collector = service.azure.collector;
  const data: CollectedListing = { decoys: {} };
  try {
    const [secrets, keys] = await Promise.all([
      decoys.some(({ kind }) => kind === "secret") ? listSecrets(collector, name) : [],
      decoys.some(({ kind }) => kind === "key") ? listKeys(collector, name) : [],
    ]);
    const byName = {
      secret: new Map(secrets.map((listed) => [listed.name.toLowerCase(), listed])),
      key: new Map(keys.map((listed) => [listed.name.toLowerCase(), listed])),
    };
    for (const decoy of decoys) {
      const listed = byName[decoy.kind].get(decoy.name.toLowerCase());
      data.decoys[decoy.id] = {
        present: listed !== undefined,
        enabled: listed?.enabled ?? false,
        expires: listed?.expires?.toISOString() ?? null,
      };
    }
  } catch (error) {
    if (!(error instanceof AppError) || error.failure.code === "throttled") throw error;
    data.refused = error.failure.message;
  }
  await saveVaultFacts(service.db, [{ vaultId, fact: "listing", data, collectedAt: at }]);
}
