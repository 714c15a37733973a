import "server-only";
import type { Kysely } from "kysely";
import { type VaultId, vaultIdParts } from "@/lib/azure/resource-id.pure";
import { getVault, listVaultsOfSubscription, type VaultResource } from "@/lib/azure/vaults";
import type { ServiceContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { forAll, outsideSlot } from "@/lib/slots";
import type { Database } from "@/lib/store/schema";
import { Kept } from "./kept";
import type { Run } from "./ledger";

/** A list of a subscription's vaults stands for asking about each of them for so long. */
const LISTED_MS = 60_000;

type Vaults = ReadonlyMap<VaultId, VaultResource>;

/** By subscription; kept per database, so that two products in one process (tests) share nothing. */
const listed = new WeakMap<Kysely<Database>, Kept<Vaults>>();

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

function listOf({ azure, db, now }: ServiceContext, vaultId: VaultId): Promise<Vaults> {
  const lists = listed.get(db) ?? new Kept(LISTED_MS);
  listed.set(db, lists);
  const { subscriptionId } = vaultIdParts(vaultId);
  const vaults = lists.get(subscriptionId, now().getTime(), () => forAll(() => read(azure.collector, subscriptionId)));
  return outsideSlot(() => vaults);
}

async function read(collector: ServiceContext["azure"]["collector"], subscriptionId: string): Promise<Vaults> {
  try {
    const vaults = await listVaultsOfSubscription(collector, subscriptionId);
    return new Map(vaults.map((vault) => [vault.id, vault]));
  } catch (error) {
    // With rights at single vaults or groups only.
    if (error instanceof AppError && error.failure.code === "forbidden") return new Map();
    throw error;
  }
}
