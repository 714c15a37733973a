import "server-only";
import { z } from "zod";
import { queryResourceGraph } from "@/lib/azure/resource-graph";
import { readKql, withoutComments } from "@/lib/kql-files";
import type { Check } from "../checks.pure";
import { check, type Found, type Looker, NONE_SEEN, right, type Subscriptions, warning } from "./check";

const Plan = z.object({ subscriptionId: z.string(), tier: z.string(), plan: z.string().nullish() });

/** Microsoft Defender for Key Vault: it sees reads that no honeytoken is in the way of. */
export async function defenderChecks(service: Looker, subscriptions: Subscriptions): Promise<Check[]> {
  return [
    await check(service, "defender", "plan", "Microsoft Defender for Key Vault", () => plans(service, subscriptions)),
  ];
}

async function plans({ azure }: Looker, subscriptions: Subscriptions): Promise<Found> {
  const kql = withoutComments(readKql("lib/setup/queries/plans.kql"));
  const [rows, names] = await Promise.all([queryResourceGraph(azure.collector, kql, Plan), subscriptions()]);
  if (names.size === 0) return NONE_SEEN;
  const covered = new Set(rows.flatMap(({ subscriptionId, tier }) => (tier === "Standard" ? [subscriptionId] : [])));
  const without = [...names].filter(([id]) => !covered.has(id));
  if (without.length === 0) return right(`On in all of ${names.size} subscriptions.`);
  const [first] = without;
  return warning(
    `Off in ${without.length} of ${names.size}: ${without.map(([, name]) => name).join(", ")}.`,
    "Honeytokens work without it. Switch it on where its own alerts are wanted beside ours; it has a price for each vault.",
    {
      command: `az security pricing create --subscription ${first?.[0] ?? ""} -n KeyVaults --tier Standard --subplan PerKeyVault`,
    },
  );
}
