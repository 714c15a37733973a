import "server-only";
import type { Kysely } from "kysely";
import { type VaultId, vaultIdParts } from "@/lib/azure/resource-id.pure";
import { getVault, listVaultsOfSubscription, type VaultResource } from "@/lib/azure/vaults";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { forAll, outsideSlot } from "@/lib/slots";
import type { Database } from "@/lib/store/schema";
import type { Run } from "./ledger";

/** A list of a subscription's vaults stands for asking about each of them for so long. */
const LISTED_MS = 60_000;

interface Listed {
  at: number;
  vaults: Promise<ReadonlyMap<VaultId, VaultResource>>;
}

/** By subscription; kept per database, so that two products in one process (tests) share nothing. */
const listed = new WeakMap<Kysely<Database>, Map<string, Listed>>();

/**
 * The vault of an item as the collecting identity sees it, at most a minute old. For one of many vaults it is taken from
 * a list of its subscription, since ARM lets few reads through; what that does not show is asked for by itself.
 *
 * @throws AppError as `getVault`
 */
export async function vaultOfRun(service: ServiceContext, { vaultId, deployment }: Run): Promise<VaultResource> {
  const { collector } = service.azure;
  const fromList = deployment.total > 1 ? (await listOf(service, vaultId)).get(vaultId) : undefined;
  return fromList ?? getVault(collector, vaultId);
}

function listOf({ azure, db, now }: ServiceContext, vaultId: VaultId): Listed["vaults"] {
  const lists = listed.get(db) ?? new Map<string, Listed>();
  listed.set(db, lists);
  const at = now().getTime();
  for (const [subscription, list] of lists) if (at - list.at >= LISTED_MS || at < list.at) lists.delete(subscription);
  const { subscriptionId } = vaultIdParts(vaultId);
  let list = lists.get(subscriptionId);
  if (!list) {
    const asked = { at, vaults: forAll(() => read(azure.collector, subscriptionId)) };
    list = asked;
    lists.set(subscriptionId, asked);
    // Whoever comes next asks anew.
    asked.vaults.catch(() => {
      if (lists.get(subscriptionId) === asked) lists.delete(subscriptionId);
    });
  }
  const { vaults } = list;
  return outsideSlot(() => vaults);
}

async function read(
  collector: ServiceContext["azure"]["collector"],
  subscriptionId: string,
): Promise<ReadonlyMap<VaultId, VaultResource>> {
  try {
    const vaults = await listVaultsOfSubscription(collector, subscriptionId);
    return new Map(vaults.map((vault) => [vault.id, vault]));
  } catch (error) {
    // With rights at single vaults or groups only.
    if (error instanceof AppError && error.failure.code === "forbidden") return new Map();
    throw error;
  }
}
