import "server-only";
import type { ServiceContext } from "@/lib/context";
import type { DecoyProposal } from "@/lib/decoys/propose";
import type { Decoy } from "@/lib/store/decoys";
import { historyFrom, nextDue, storedAttributes } from "./decoy-plan";
import { decoyIdOf, guidOf } from "./ids";
import type { Run } from "./ledger";

/**
 * The row of a decoy that was chosen for a vault and that nothing was done for yet.
 *
 * @param index of the item's decoys, from 0
 */
export function newDecoy(
  { config, now }: Pick<ServiceContext, "config" | "now">,
  run: Run,
  { name, attributes, history }: DecoyProposal,
  { index, neighbours, afterMs }: { index: number; neighbours: number; afterMs: number },
): Decoy {
  const attempt = String(run.item.attempt);
  // Later ones a millisecond later, so that they are always worked on in this order.
  const at = new Date(now().getTime() + index);
  const planned = history && historyFrom(history, at, neighbours);
  return {
    id: decoyIdOf(run.item, index),
    vault_id: run.vaultId,
    kind: run.kind,
    name,
    chosen_name: run.deployment.name === null ? name.toLowerCase() : null,
    token_key: `${run.vaultId}/${run.kind}s/${name.toLowerCase()}`,
    state: "registered",
    watchlist_item_id: guidOf("register", config.tenantId, run.item.id, attempt, String(index)),
    planter_oid: config.identities.planter.objectId.toLowerCase(),
    window_start: null,
    window_end: null,
    first_sent_at: null,
    sent_at: null,
    version: null,
    value_hash: null,
    expires_at: null,
    attributes: storedAttributes(attributes, afterMs),
    history: planned ?? null,
    renew_at: planned ? nextDue(planned) : null,
    item_id: run.item.id,
    retire_item_id: null,
    deleted_at: null,
    recoverable_until: null,
    published: null,
    publishing: null,
    publishing_at: null,
    broken: null,
    broken_at: null,
    confirmed_at: null,
    created_at: at,
    updated_at: at,
  };
}
