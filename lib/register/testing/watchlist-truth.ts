import { z } from "zod";
import type { TestTenant } from "@/lib/coverage/testing/tenant";

const Item = z.object({
  itemId: z.string(),
  fields: z.record(z.string(), z.string()),
  deleted: z.boolean().optional(),
});

/** The rows of the simulated tenant's watchlists as they are, whatever a query shows yet. */
export async function watchlistItems(tenant: TestTenant): Promise<z.infer<typeof Item>[]> {
  return (await tenant.collection("watchlistItems", Item)).filter((item) => item.deleted !== true);
}

const Counters = z.object({ operations: z.record(z.string(), z.number()) });
const LIST = "/providers/Microsoft.SecurityInsights/watchlists/{}";

/** Requests about the watchlist that reach the tenant while `work` runs, as `PUT watchlistItems/{}`; `PUT list` is the list itself. */
export async function watchlistRequests(
  tenant: TestTenant,
  work: () => Promise<unknown>,
): Promise<Record<string, number>> {
  await fetch(`${tenant.url}/sim/requests/reset`, { method: "POST" });
  await work();
  const { operations } = Counters.parse(await (await fetch(`${tenant.url}/sim/requests`)).json());
  return Object.fromEntries(
    Object.entries(operations).flatMap(([operation, count]) => {
      const at = operation.toLowerCase().indexOf(LIST.toLowerCase());
      if (at < 0) return [];
      const what = operation.slice(at + LIST.length).replace(/^\//, "") || "list";
      return [[`${operation.split(" ")[1]} ${what}`, count]];
    }),
  );
}

/** Puts these faults in place of the ones before. */
export async function setFaults(tenant: TestTenant, rules: object[]): Promise<void> {
  const answer = await fetch(`${tenant.url}/sim/faults`, { method: "PUT", body: JSON.stringify({ rules }) });
  if (!answer.ok) throw new Error(await answer.text());
}
