import { withUserRoute } from "@/lib/auth/with-user";
import { readVaultProgress, VaultProgressQuery } from "@/lib/deployments/vault-progress";

export const dynamic = "force-dynamic";

export const GET = withUserRoute({}, VaultProgressQuery, (ctx, query) => readVaultProgress(ctx, query));
