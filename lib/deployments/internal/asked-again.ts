import "server-only";
import { permissionsAt, permissionsOf } from "@/lib/azure/permissions";
import type { Permission } from "@/lib/azure/permits.pure";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import type { ServiceContext } from "@/lib/context";
import { needsPerson } from "@/lib/errors";
import { rememberedCaller } from "./callers";

/**
 * What a person may do at a vault, asked again when the work starts: with the person's own token while it lives in this
 * process, else by what the person holds there.
 *
 * @param work deployment or drill that the person started
 */
export async function permissionsNow(
  service: ServiceContext,
  work: { id: string; vaultId: VaultId; oid: string },
): Promise<Permission[]> {
  const access = rememberedCaller(work.id, service.now());
  const own = access && (await permissionsAt(access, work.vaultId).catch(tokenEnded));
  return own ?? (await permissionsOf(service.azure.collector, work.vaultId, work.oid));
}

/** A token that no longer works is as good as none; every other failure is one. */
function tokenEnded(error: unknown): undefined {
  if (needsPerson(error)) return undefined;
  throw error;
}
