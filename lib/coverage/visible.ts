import "server-only";
import { permissionsAt } from "@/lib/azure/permissions";
import { permits } from "@/lib/azure/permits.pure";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import { scopesOf } from "@/lib/azure/scope.pure";
import type { UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { rightsAt } from "./internal/rights-at";
import { type Inventory, inventoryOf, visibleVault } from "./internal/vault-inventory";

/** Throws AppError `not_found` for a vault that the person may not read, or that is none. */
export async function requireVisible(ctx: UserContext, vaultId: VaultId): Promise<void> {
  await visibleVault(ctx, vaultId);
}

/** Why the person may not write in the vault, in a sentence; null when they may. Asked with the person's own token. */
export async function whyNotWrite(ctx: UserContext, vaultId: VaultId): Promise<string | null> {
  const { plant, plantReason } = await rightsAt(ctx, vaultId);
  return plant ? null : (plantReason ?? "You may not write in this vault.");
}

/**
 * Of these vaults those that the person may read, by the vaults that Azure lists for them. A vault that is gone is in
 * nobody's list: whoever may read every vault of its subscription may read what is known of it too. What is about a
 * resource group or a subscription concerns all of its vaults, so whoever may read one of them may read it.
 *
 * @throws AppError when Azure does not answer
 * @param scopes Normalised ids of vaults, resource groups or subscriptions.
 */
export async function readableOf(ctx: UserContext, scopes: Iterable<string>): Promise<ReadonlySet<string>> {
  const asked = new Set(scopes);
  if (asked.size === 0) return asked;
  const reach = reachOf(await inventoryOf(ctx));
  const unlisted = [...asked].filter((id) => !reach.listed.has(id));
  const whole = await readableSubscriptions(ctx, reach, new Set(unlisted.map(subscriptionOf)));
  return new Set([...asked].filter((id) => reach.listed.has(id) || whole.has(subscriptionOf(id))));
}

interface Reach {
  /** Vaults, and the groups and subscriptions that hold one. */
  listed: ReadonlySet<string>;
  /** Whether the person may read every vault of a subscription, where that was asked. */
  whole: Map<string, Promise<boolean>>;
}

/** Kept as long as the listing that it comes from: pages that are read every few seconds ask Azure nothing again. */
const reaches = new WeakMap<Inventory, Reach>();

function reachOf(inventory: Inventory): Reach {
  const known = reaches.get(inventory);
  if (known) return known;
  const listed = new Set<string>(inventory.vaults.flatMap(({ id }) => scopesOf(id)));
  const reach = { listed, whole: new Map<string, Promise<boolean>>() };
  reaches.set(inventory, reach);
  return reach;
}

async function readableSubscriptions(
  ctx: UserContext,
  { whole }: Reach,
  scopes: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const readable = await Promise.all(
    [...scopes].map(async (scope) => {
      const answer = whole.get(scope) ?? readsAll(ctx, scope);
      whole.set(scope, answer);
      try {
        return (await answer) ? [scope] : [];
      } catch (error) {
        // A failure is not kept.
        whole.delete(scope);
        throw error;
      }
    }),
  );
  return new Set(readable.flat());
}

async function readsAll(ctx: UserContext, subscription: string): Promise<boolean> {
  const permissions = await permissionsAt(ctx.asUser, subscription).catch(noRight);
  return permits(permissions, "Microsoft.KeyVault/vaults/read", "control");
}

/** Whoever may see nothing of a subscription is refused the question itself. */
function noRight(error: unknown): [] {
  if (error instanceof AppError && ["forbidden", "not_found"].includes(error.failure.code)) return [];
  throw error;
}

const subscriptionOf = (scope: string): string => scope.split("/", 3).join("/");
