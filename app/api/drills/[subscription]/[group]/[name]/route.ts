import { z } from "zod";
import { withUserRoute } from "@/lib/auth/with-user";
import { vaultIdOf } from "@/lib/azure/resource-id.pure";
import { readVaultDrills } from "@/lib/drills/read";
import { AppError } from "@/lib/errors";

export const dynamic = "force-dynamic";

const Address = z.strictObject({ subscription: z.string(), group: z.string(), name: z.string() });

export const GET = withUserRoute({}, Address, (ctx, { subscription, group, name }) => {
  const id = vaultIdOf({ subscriptionId: subscription, resourceGroup: group, name });
  if (!id)
    throw new AppError("not_found", "This address does not name a key vault.", {
      fix: "Open the vault from the list of vaults.",
    });
  return readVaultDrills(ctx, id);
});
