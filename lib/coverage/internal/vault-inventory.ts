import "server-only";
import type { VaultId } from "@/lib/azure/resource-id.pure";
import { subscriptionNames } from "@/lib/azure/subscriptions";
import type { AzureAccess, UserContext } from "@/lib/context";
import { AppError } from "@/lib/errors";
import { readRecommendation } from "@/lib/settings/settings";
import { listAssignments, permissionsAtVault } from "../assignments";
import { SingleFlight, sharedValue } from "./shared";
import { type ListedVault, listVaults, mayPlantByRole } from "./vault-list";

/** The vaults that one person may read, and which of them are theirs. */
export interface Inventory {
  vaults: ListedVault[];
  mine: ReadonlySet<string>;
  /** What is missing here, each a sentence: vaults that cannot be named, or which vaults are theirs. */
  warnings: string[];
}

const AGE_MAX = 5 * 60 * 1000;
const PEOPLE_MAX = 500;

/**
 * The person's vaults, by Resource Graph with the person's own token; kept per tenant and person for at most five
 * minutes, and for less where the bulk facts are kept for less.
 */
export function inventoryOf(ctx: UserContext): Promise<Inventory> {
  const maxAge = Math.min(AGE_MAX, 5 * ctx.config.timing.bulkFactsMaxAge);
  return flightOf(ctx).get(maxAge, ctx.now().getTime(), () => read(ctx));
}

/** The one vault, for a person who may read it; asked again when a kept answer does not have it. Throws not_found. */
export async function visibleVault(ctx: UserContext, vaultId: VaultId): Promise<{ vault: ListedVault; mine: boolean }> {
  for (const again of [false, true]) {
    if (again) flightOf(ctx).forget();
    const { vaults, mine } = await inventoryOf(ctx);
    const vault = vaults.find(({ id }) => id === vaultId);
    if (vault) return { vault, mine: mine.has(vaultId) };
  }
  throw new AppError("not_found", "There is no such vault, or you may not read it.", {
    fix: "Ask an administrator of the vault for the role Reader, or open the vault from the list.",
  });
}

function flightOf({ db, user }: UserContext): SingleFlight<Inventory> {
  const people = sharedValue(db, "inventories", () => new Map<string, SingleFlight<Inventory>>());
  const key = `${user.tid}:${user.oid}`;
  let flight = people.get(key);
  if (!flight) {
    // Whoever asked longest ago goes first; a map keeps the order of insertion.
    const [oldest] = people.keys();
    if (people.size >= PEOPLE_MAX && oldest !== undefined) people.delete(oldest);
    flight = new SingleFlight();
    people.set(key, flight);
  }
  return flight;
}

async function read(ctx: UserContext): Promise<Inventory> {
  const { names } = await readRecommendation(ctx.db);
  const [{ vaults, unnamed }, assignments] = await Promise.all([
    listVaults(ctx.asUser, names.tagName).then(async (listed) => ({
      vaults: await withSubscriptionNames(ctx.asUser, listed.vaults),
      unnamed: listed.unnamed,
    })),
    listAssignments(ctx.asUser, ctx.user.oid).catch((error: unknown) => {
      // Without it the board is still right; only the filter for one's own vaults is empty. A step-up must get through.
      if (error instanceof AppError && error.failure.code !== "step_up") return error;
      throw error;
    }),
  ]);
  const warnings = unnamed === 0 ? [] : [leftOut(unnamed)];
  if (assignments instanceof AppError) {
    warnings.push(`Which vaults are yours is not known. ${assignments.failure.message}`);
    return { vaults, mine: new Set(), warnings };
  }
  const mine = vaults.filter(({ id, permissionModel }) =>
    mayPlantByRole(permissionsAtVault(assignments, id), permissionModel),
  );
  return { vaults, mine: new Set(mine.map(({ id }) => id)), warnings };
}

function leftOut(count: number): string {
  const these = count === 1 ? "1 vault that Azure lists is" : `${count} vaults that Azure lists are`;
  return `${these} missing here: this product does not understand their resource ids, and puts no honeytoken there.`;
}

/** Someone with rights on single resource groups only gets the names from ARM: one call more, whatever the estate. */
async function withSubscriptionNames(azure: AzureAccess, vaults: ListedVault[]): Promise<ListedVault[]> {
  if (vaults.every(({ subscription }) => subscription !== "")) return vaults;
  const names = await subscriptionNames(azure);
  return vaults.map((vault) => ({
    ...vault,
    subscription: vault.subscription || (names.get(vault.subscriptionId) ?? vault.subscriptionId),
  }));
}
